// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that share a file make their VMs all at once, while holes are punched into that file and its end
 * is cut off. Each takes the locks of its own mm and of the file, which are the others' as well
 * (mm_take_all_locks()): it must come to an end, and each VM must hear from then on what is told of its
 * process, and each end only after its start.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/balance.h"
#include "lib/check.h"
#include "lib/events-parse.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/told.h"
#include "lib/tracefs.h"
#include "lib/turns.h"
#include "lib/wide-file.h"

#define PEERS 8
#define PAGES 32	/* of the file that the guests have */
#define HOLE 16		/* punched at the end; who has it is told */
#define TAG 1
#define ROUNDS 3	/* VMs that each makes and closes, before the one that stays */
#define CUT (1UL << 30)	/* at least as large as it was; see wide-file.h */
#define TURNS 2		/* of the other before each round, */
#define TURNS_MAX 50	/* and at most: more events cannot be kept */

static struct peer peers[PEERS];
static struct stage stage;	/* a peer's */
static char *memory;		/* the same mapping in all processes */
static int wide, pipe_fd;

static struct shared {
	atomic_int ready, inside, most;
} *shared;

static struct balance balances[PEERS];
static uint64_t mms[PEERS];
static size_t registered, mm_count;

static void peer_map(void)
{
	wide_file_map(wide);
}

/* Not before all of them are there. */
static void meet(void)
{
	atomic_fetch_add(&shared->ready, 1);
	while (atomic_load(&shared->ready) < PEERS)
		sched_yield();
}

static void note_most(int inside)
{
	int most = atomic_load(&shared->most);

	while (inside > most && !atomic_compare_exchange_weak(&shared->most, &most, inside))
		;
}

static void peer_make_one(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), fd;

	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	meet();
	note_most(atomic_fetch_add(&shared->inside, 1) + 1);
	fd = ioctl(kvm, KVM_CREATE_VM, 0);
	atomic_fetch_sub(&shared->inside, 1);
	require(fd >= 0, "KVM_CREATE_VM: %s", strerror(errno));
	close(fd);
	close(kvm);
}

static void peer_make_last(void)
{
	meet();
	stage_make(&stage, memory, PAGES);
	stage.slot->tag = TAG;
}

static void peer_begin(void)
{
	witness_open_counters(&stage.witness, &stage.vm);
	stage_read(&stage, "a peer's guest reads", 0, PAGES, 1, PAGES);
}

static void peer_lost(void)
{
	witness_step(&stage.witness, "the hole", &(struct step){ .zapped = PAGES - HOLE });
	stage_write(&stage, "guest writes into the hole", HOLE, PAGES - HOLE, 2, PAGES - HOLE);
	stage_read(&stage, "all read after the hole", 0, HOLE, 1, 0);
}

static void punch_or_cut(void)
{
	static unsigned int turn;

	wide_file_punch(wide, 0);
	if (turn++ % 2)
		require(!ftruncate(wide, 0) && !ftruncate(wide, CUT), "ftruncate: %s",
			strerror(errno));
}

static void *puncher(void *arg)
{
	(void)arg;
	turns_take(punch_or_cut);
	return NULL;
}

/* All at once, with the other at it. */
static void call_together(void (*function)(void))
{
	atomic_store(&shared->ready, 0);
	turns_grant(TURNS, TURNS_MAX);
	for (int i = 0; i < PEERS; i++)
		peer_tell(&peers[i], function);
	for (int i = 0; i < PEERS; i++)
		peer_answer(&peers[i]);
}

static void call_in_turn(void (*function)(void))
{
	for (int i = 0; i < PEERS; i++)
		peer_call(&peers[i], function);
}

/* A process counts from its first registration on: before that nobody is to be told. */
static void see(const struct event *e)
{
	char why[256];
	size_t i = 0;

	while (i < mm_count && mms[i] != e->mm)
		i++;
	if (e->kind == EVENT_REGISTER) {
		registered++;
		if (i == mm_count && mm_count < PEERS)
			mms[mm_count++] = e->mm;
	} else if (i < mm_count) {
		expect(balance_event(&balances[i], e, why, sizeof(why)), "%s", why);
	}
}

static struct event_list read_events(void)
{
	struct event_list list = { 0 };
	char *text;

	if (events_missing())
		return list;
	text = tracefs_pipe_read(pipe_fd);
	require(text, "no memory for the recorded events");
	list = events_parse(text);
	for (size_t i = 0; i < list.count; i++)
		see(&list.event[i]);
	free(text);
	return list;
}

static void see_events(void)
{
	struct event_list list = read_events();

	events_free(&list);
}

static void check_balance(void)
{
	const struct event *open;

	for (size_t i = 0; i < mm_count; i++) {
		open = balance_unended(&balances[i]);
		expect(!open, "an invalidation by %s was started and not ended", open ? open->caller : "");
	}
	if (!events_missing() && events_have(EVENT_REGISTER))
		expect(mm_count == PEERS && registered == PEERS * (ROUNDS + 1),
		       "%zu VMs of %zu processes were registered, expected %d of %d", registered,
		       mm_count, PEERS * (ROUNDS + 1), PEERS);
}

static void set_up(void)
{
	int fd = memfd_create("guests", MFD_CLOEXEC);

	turns_prepare();
	shared = shared_alloc(sizeof(*shared));
	wide = memfd_create("wide", MFD_CLOEXEC);
	require(wide >= 0 && fd >= 0 && !ftruncate(fd, PAGES * GUEST_PAGE), "memfd: %s", strerror(errno));
	stage.memory.fd = fd;
	memory = memory_map_file(fd, PAGES);
	memory_fill(memory, memory_key(TAG, 1), 0, PAGES);
	for (int i = 0; i < PEERS; i++)
		peer_start(&peers[i], "a maker of VMs");
	call_in_turn(peer_map);
	if (events_missing())
		return;
	pipe_fd = tracefs_pipe_open();
	require(pipe_fd >= 0, "trace_pipe: %s", strerror(-pipe_fd));
}

/* Every VM hears of a hole in what its guest has, once, and its guest loses just that. */
static void check_vms(void)
{
	struct event_list list;

	call_in_turn(peer_begin);
	see_events();
	require(!fallocate(stage.memory.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, HOLE * GUEST_PAGE,
			   (PAGES - HOLE) * GUEST_PAGE), "fallocate: %s", strerror(errno));
	list = read_events();
	events_expect_told(&list, memory + HOLE * GUEST_PAGE, PEERS, "a hole in the guests' file");
	events_free(&list);
	call_in_turn(peer_lost);
}

static void at_once(void)
{
	pthread_t thread;

	set_up();
	require(!pthread_create(&thread, NULL, puncher, NULL), "no thread");
	for (int round = 0; round < ROUNDS; round++) {
		call_together(peer_make_one);
		see_events();
	}
	call_together(peer_make_last);
	turns_stop();
	pthread_join(thread, NULL);
	see_events();
	diag("up to %d of %d were in KVM_CREATE_VM at once", atomic_load(&shared->most), PEERS);
	check_vms();
	check_balance();
	if (atomic_load(&shared->most) < 2)
		skip_case("no two were in KVM_CREATE_VM at once, so nothing is said of that");
}

const struct test test = {
	.name = "together",
	.group = "life",
	.proves = "VMs that many processes make at once, while their file is cut, all work and hear all",
	.needs = { .kvm = true, .memory_mib = 128, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_LIFE,
	.timeout_s = 60,
	.cases = {
		{ "at-once", at_once },
	},
};
