// SPDX-License-Identifier: GPL-2.0-only
/* In a host machine: QMP, spoken by a process of its own, as a QEMU that is being swapped takes long to answer. */
#include "workload/resize.h"

#include <time.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/qmp.h"
#include "workload/background.h"
#include "workload/qemu-x86.h"

#define QMP_MS 60000		/* on hardware, for an answer of a QEMU that is being swapped */
#define MIB (1ll << 20)

/* What is asked for is MiB: of the whole guest by the balloon, of its device by virtio-mem. */
struct lever {
	const struct plan *plan;
	struct qmp *qmp;
	unsigned int answer_ms;
};

static json_t *ask(const struct lever *lever, const char *command, json_t *arguments)
{
	return qmp_execute(lever->qmp, command, arguments, lever->answer_ms);
}

static bool set_size(const struct lever *lever, json_int_t mib)
{
	json_t *answer;

	if (lever->plan->balloon_mib)
		answer = ask(lever, "balloon", json_pack("{s:I}", "value", mib * MIB));
	else
		answer = ask(lever, "qom-set", json_pack("{s:s, s:s, s:I}", "path", "/machine/peripheral/" GUEST_PLUG,
							 "property", "requested-size", "value", mib * MIB));
	json_decref(answer);
	return answer;
}

/* In MiB, or -1. */
static json_int_t size_of(const struct lever *lever)
{
	json_t *answer, *bytes;
	json_int_t mib;

	if (lever->plan->balloon_mib) {
		answer = ask(lever, "query-balloon", NULL);
		bytes = json_object_get(answer, "actual");
	} else {
		answer = ask(lever, "qom-get", json_pack("{s:s, s:s}", "path", "/machine/peripheral/" GUEST_PLUG,
							 "property", "size"));
		bytes = answer;
	}
	mib = bytes ? json_integer_value(bytes) / MIB : -1;
	json_decref(answer);
	return mib;
}

/* 1: the guest has that much now, and had not; 0: it does not get there; -1: QEMU does not answer, or refuses. */
static int turn(const struct lever *lever, json_int_t mib)
{
	const struct timespec rest = { .tv_nsec = RESIZE_REST_MS * 1000000 };
	const uint64_t deadline = clock_ms() + RESIZE_TURN_MS * lever->plan->slowness;
	const json_int_t before = size_of(lever);
	json_int_t now;

	if (before < 0 || !set_size(lever, mib))
		return -1;
	do {
		nanosleep(&rest, NULL);
		now = size_of(lever);
	} while (now >= 0 && now != mib && clock_ms() < deadline);
	return now < 0 ? -1 : now == mib && before != mib;
}

static void take_and_give(const struct plan *plan, int fd, struct resize_count *count)
{
	const int most = resize_most(plan), least = resize_least(plan);
	struct lever lever = { .plan = plan, .answer_ms = QMP_MS * plan->slowness };
	int taken = 0, given = 0;

	lever.qmp = qmp_open(fd, lever.answer_ms);
	while (lever.qmp && taken >= 0 && given >= 0) {
		/* virtio-mem has nothing at first, the balloon gives nothing then. */
		given = turn(&lever, most);
		count->given += given > 0;
		taken = given < 0 ? -1 : turn(&lever, least);
		count->taken += taken > 0;
	}
	count->silent = true;
}

bool resize_start(struct resize *resize, struct guest *guest, const struct plan *plan)
{
	if (!resize_prepare(resize))
		return false;
	if (background_start(&resize->pid)) {
		take_and_give(plan, guest->levers, resize->count);
		_exit(0);
	}
	return resize->pid > 0;
}

void resize_stop(struct resize *resize)
{
	background_stop(&resize->pid);
}
