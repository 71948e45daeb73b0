// SPDX-License-Identifier: GPL-2.0-only
/*
 * In a host machine: a guest that goes on in another QEMU. The heartbeats' page is shared by both, and migrated none the less (what
 * is ignored must lie where it lies, and a BAR lies nowhere yet): for a moment it may tell of less than there was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest-agent/agent.h"
#include "host/clock.h"
#include "host/die.h"
#include "host/qmp.h"
#include "workload/carrier.h"
#include "workload/disks.h"

#define ANSWER_MS 20000u	/* on hardware, for an answer of a QEMU that is being swapped */
#define MOVE_MS 30000ull	/* on hardware, for all memory of a guest that is swapped */
#define PAUSE_MS 1000
#define LISTEN_MS 200
#define DOWNTIME_MS 20000	/* it may stand still for so long at the end: a guest that writes more than QEMU sends never converges */

struct mover {
	struct guest *guest;
	unsigned int slowness;
	char *why;
	size_t size;
};

static int __attribute__((format(printf, 2, 3))) fail(const struct mover *mover, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(mover->why, mover->size, fmt, ap);
	va_end(ap);
	return -EIO;
}

/* The connection is opened once: QEMU negotiates but one time. */
static struct qmp *control(struct guest *guest, unsigned int slowness)
{
	if (!guest->carried && guest->levers >= 0) {
		guest->carried = qmp_open(guest->levers, ANSWER_MS * slowness);
		guest->levers = -1;
	}
	return guest->carried;
}

/* arguments are taken over. The answer is the caller's to decref, or NULL with a reason. */
static json_t *ask(const struct mover *mover, struct guest *guest, const char *command, json_t *arguments)
{
	struct qmp *qmp = control(guest, mover->slowness);
	json_t *answer = qmp ? qmp_execute(qmp, command, arguments, ANSWER_MS * mover->slowness) : NULL;

	if (!qmp)
		json_decref(arguments);
	if (!answer)
		fail(mover, "QEMU, asked to %s, does not answer or refuses", command);
	return answer;
}

static int tell(const struct mover *mover, struct guest *guest, const char *command, json_t *arguments)
{
	json_t *answer = ask(mover, guest, command, arguments);

	json_decref(answer);
	return answer ? 0 : -EIO;
}

/* Its own word for how it is, as "running", the caller's to free. */
static char *state_of(const struct mover *mover, struct guest *guest, const char *query)
{
	json_t *answer = ask(mover, guest, query, NULL);
	const char *word = json_string_value(json_object_get(answer, "status"));
	char *state = word ? xstrdup(word) : NULL;

	json_decref(answer);
	return state;
}

/* Until it is in the state that is wanted; in "failed" it will never be. What the guest says meanwhile is taken. */
static int wait_state(const struct mover *mover, struct guest *guest, const char *query, const char *wanted)
{
	const struct timespec pause = { .tv_nsec = LISTEN_MS * 1000000l };
	const uint64_t deadline = clock_ms() + MOVE_MS * mover->slowness;

	for (;;) {
		char *state = state_of(mover, guest, query);
		const bool there = state && !strcmp(state, wanted), failed = !state || !strcmp(state, "failed");
		int err = 0;

		if (!there && (failed || clock_ms() >= deadline))
			err = fail(mover, "%s says %s, not %s", query, state ? state : "nothing", wanted);
		free(state);
		if (there || err)
			return err;
		if (mover->guest->pid > 0)
			guest_listen(mover->guest, LISTEN_MS);
		else
			nanosleep(&pause, NULL);
	}
}

int carrier_pause(struct guest *guest, const struct plan *plan, char *why, size_t size)
{
	const struct mover mover = { guest, plan->slowness, why, size };
	const struct timespec pause = { .tv_sec = PAUSE_MS / 1000 };
	uint64_t before, after;

	if (tell(&mover, guest, "stop", NULL) || wait_state(&mover, guest, "query-status", "paused"))
		return -EIO;
	before = guest->beats[0][BEAT_COUNT];
	nanosleep(&pause, NULL);
	after = guest->beats[0][BEAT_COUNT];
	if (before != after)
		return fail(&mover, "it is paused, and its heart beats on");
	return tell(&mover, guest, "cont", NULL);
}

static int prepare(const struct mover *mover, struct guest *guest)
{
	return tell(mover, guest, "migrate-set-parameters",
		    json_pack("{s:i, s:i}", "downtime-limit", DOWNTIME_MS, "max-bandwidth", 0));
}

static int send_to(const struct mover *mover, const char *uri)
{
	int err = tell(mover, mover->guest, "migrate", json_pack("{s:s}", "uri", uri));

	return err ? err : wait_state(mover, mover->guest, "query-migrate", "completed");
}

/* All that it said is heard; its place is the heir's. */
static void take_over(struct guest *guest, struct guest *heir)
{
	if (guest->pid > 0) {
		guest_listen(guest, 0);
		carrier_stop(guest);
	}
	guest->pid = heir->pid;
	guest->carried = heir->carried;
	if (guest->qmp >= 0)
		close(guest->qmp);
	guest->qmp = heir->qmp;
	dup3(heir->channel.fd, guest->channel.fd, O_CLOEXEC);
	channel_close(&heir->channel);
}

static int launch_heir(const struct mover *mover, struct guest *heir, const struct plan *plan)
{
	const struct guest *guest = mover->guest;

	*heir = (struct guest){ .number = guest->number, .channel.fd = -1, .qmp = -1, .levers = -1, .heir = true };
	snprintf(heir->name, sizeof(heir->name), "%s", guest->name);
	snprintf(heir->beats_name, sizeof(heir->beats_name), "%s", guest->beats_name);
	if (carrier_start(heir, plan))
		return fail(mover, "no second QEMU");
	return prepare(mover, heir);
}

static void drop_heir(struct guest *heir)
{
	carrier_stop(heir);
	channel_close(&heir->channel);
	if (heir->qmp >= 0)
		close(heir->qmp);
	if (heir->levers >= 0)
		close(heir->levers);
}

/* The guest stands still from before it is saved until it is there again. */
static int by_disk(const struct mover *mover, struct guest *heir, const struct plan *plan, const char *disk)
{
	char *out = xasprintf("exec:cat >%s", disk), *in = xasprintf("exec:cat %s", disk);
	int err = tell(mover, mover->guest, "stop", NULL);

	if (!err)
		err = send_to(mover, out);
	if (!err) {
		guest_listen(mover->guest, 0);
		carrier_stop(mover->guest);
		err = launch_heir(mover, heir, plan);
	}
	if (!err)
		err = tell(mover, heir, "migrate-incoming", json_pack("{s:s}", "uri", in));
	if (!err)
		err = wait_state(mover, heir, "query-status", "paused");
	if (!err)
		err = tell(mover, heir, "cont", NULL);
	free(out);
	free(in);
	return err;
}

static int live(const struct mover *mover, struct guest *heir, const struct plan *plan)
{
	char *uri = xasprintf("unix:/tmp/migrate-%u", mover->guest->number);
	int err = launch_heir(mover, heir, plan);

	if (!err)
		err = tell(mover, heir, "migrate-incoming", json_pack("{s:s}", "uri", uri));
	if (!err)
		err = send_to(mover, uri);
	if (!err)
		err = wait_state(mover, heir, "query-status", "running");
	free(uri);
	return err;
}

int carrier_move(struct guest *guest, const struct plan *plan, bool by_file, char *why, size_t size)
{
	const struct mover mover = { guest, plan->slowness, why, size };
	struct guest heir = { .channel.fd = -1, .qmp = -1, .levers = -1 };
	struct disks disks;
	int err = prepare(&mover, guest);

	if (!err && disks_find(&disks))
		err = fail(&mover, "there is no disk to save it to");
	if (!err) {
		err = by_file ? by_disk(&mover, &heir, plan, disks.scratch) : live(&mover, &heir, plan);
		disks_release(&disks);
	}
	if (err)
		drop_heir(&heir);
	else
		take_over(guest, &heir);
	return err;
}
