// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes with VMs over one file end, one after the other, while holes are punched into that file without
 * end: the release of a VM runs beside the rmap walk that would have unmapped its pages. Each is told of its
 * end once, none keeps an spte, though its VM is held; and the file keeps nothing but what is left in it.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/exit.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/turns.h"
#include "lib/wide-file.h"

#define PEERS 3
#define TAG 1		/* of the file, whoever maps it */
#define PAGES 128
#define KEPT 64		/* the holes are behind these */
#define HOLE (PAGES - KEPT)
#define TURNS 100	/* holes for each death at most: as many events as are kept until they are read */
#define BEFORE 3	/* of them, before it */
#define BLOCK 512	/* of st_blocks */

static struct stage stage;
static struct peer peers[PEERS];
static int current;	/* which of them a peer is, set before it is started */

static struct seen {
	uint64_t mm;
	int vm_fd;
} *seen;

static struct heard {
	size_t released, inside;	/* how often; of these between the start and the end of a hole */
	int open;
} heard[PEERS];

static void peer_set_up(void)
{
	stage_attach(&stage, TAG);
	guest_check(stage.vcpu, stage.slot, 0, KEPT, 1);
	seen[current].mm = events_missing() ? 0 : events_own_mm();
	seen[current].vm_fd = stage.vm.fd;
}

/* Its guest brings back what the holes took. */
static void peer_spin(void)
{
	guest_spin_write_start(stage.vcpu, stage.slot, KEPT, HOLE, 0);
	require(guest_spin_wait(stage.vcpu), "the guest of a peer stands still");
}

/* From then on who punches is mostly inside of an invalidation of this process, see wide-file.h. */
static void peer_map_widely(void)
{
	wide_file_map(stage.memory.fd);
}

static void peer_exit(void)
{
	_exit(EXIT_PASS);
}

static void set_up(void)
{
	turns_prepare();
	seen = shared_alloc(PEERS * sizeof(*seen));
	backing_alloc(&stage.memory, PAGES);
	memory_fill(stage.memory.hva, memory_key(TAG, 1), 0, PAGES);
	munmap(stage.memory.hva, PAGES * GUEST_PAGE);
	for (current = 0; current < PEERS; current++)
		peer_start(&peers[current], "a process with a VM");
	/* Before this process records events, as they learn their mm by them. */
	for (int i = 0; i < PEERS; i++)
		peer_call(&peers[i], peer_set_up);
	stage_attach(&stage, TAG);
	witness_open(&stage.witness, &stage.vm);
	stage_read(&stage, "guest reads", 0, PAGES, 1, PAGES);
	for (int i = 0; i < PEERS; i++)
		if (seen[i].mm)
			events_add_mm(seen[i].mm);
}

static void punch_hole(void)
{
	wide_file_punch(stage.memory.fd, KEPT);
}

static void *puncher(void *arg)
{
	(void)arg;
	turns_take(punch_hole);
	return NULL;
}

static void check_dead(int i)
{
	struct sptes_count count;

	if (!sptes_missing() && sptes_count_process(peers[i].pid, &count))
		expect(!count.leaves[0] && !count.leaves[1] && !count.leaves[2],
		       "the dead VM %d has %lu + %lu + %lu leaf sptes", i, count.leaves[0],
		       count.leaves[1], count.leaves[2]);
}

/*
 * Inside of a hole or not: the notifier may be taken off the list while others are in it, who then tell nobody
 * of the end of what they told (__mmu_notifier_release() in mm/mmu_notifier.c).
 */
static void see_event(int i, const struct event *e)
{
	if (e->mm != seen[i].mm)
		return;
	if (e->kind == EVENT_RELEASE) {
		heard[i].released++;
		heard[i].inside += heard[i].open > 0;
	}
	heard[i].open += (e->kind == EVENT_START) - (e->kind == EVENT_END);
}

/* Here, as a step would not expect what the end of a process unmaps. */
static void see_events(void)
{
	struct event_list list = events_read();

	for (size_t n = 0; n < list.count; n++)
		for (int i = 0; i < PEERS; i++)
			see_event(i, &list.event[n]);
	events_free(&list);
}

/* KVM heard of each end once; and the case was worth something if it was inside of a hole. */
static void check_events(void)
{
	size_t inside = 0;

	if (events_missing())
		return;
	see_events();
	for (int i = 0; i < PEERS; i++) {
		expect(heard[i].released == 1, "the end of process %d was told %zu times", i,
		       heard[i].released);
		inside += heard[i].inside;
	}
	diag("%zu of %d processes ended inside of a hole", inside, PEERS);
}

/* All that nobody wrote again is gone, whoever had it. */
static void check_file(void)
{
	struct stat st;

	punch_hole();
	require(!fstat(stage.memory.fd, &st), "fstat: %s", strerror(errno));
	expect(st.st_blocks * BLOCK == KEPT * GUEST_PAGE, "the file has %ld bytes, expected %lu",
	       (long)st.st_blocks * BLOCK, KEPT * GUEST_PAGE);
	witness_step(&stage.witness, "last hole", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(stage.slot, KEPT), .pages = HOLE,
	});
	stage_read(&stage, "all read what was kept", 0, KEPT, 1, 0);
}

static void end_all(bool kill_them)
{
	int held[PEERS];
	pthread_t thread;

	set_up();
	for (int i = 0; i < PEERS; i++)
		held[i] = peer_take_fd(&peers[i], seen[i].vm_fd);
	require(!pthread_create(&thread, NULL, puncher, NULL), "no thread");
	for (int i = 0; i < PEERS; i++) {
		peer_call(&peers[i], peer_map_widely);
		peer_call(&peers[i], peer_spin);
		turns_grant(BEFORE, TURNS);
		if (kill_them)
			peer_kill(&peers[i]);
		else
			peer_end(&peers[i], peer_exit);
		turns_pause();
		if (!events_missing())
			see_events();
		check_dead(i);
	}
	turns_grant(BEFORE, TURNS);
	turns_stop();
	pthread_join(thread, NULL);
	check_events();
	witness_step(&stage.witness, "processes end beside holes", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(stage.slot, KEPT), .pages = HOLE,
		.racing = true, .partial = true,
	});
	for (int i = 0; i < PEERS; i++) {
		check_dead(i);
		close(held[i]);
	}
	check_file();
}

static void exits(void)
{
	end_all(false);
}

static void killed(void)
{
	end_all(true);
}

const struct test test = {
	.name = "release",
	.group = "life",
	.proves = "a VM whose process ends while its file is punched is released once, and keeps nothing",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "exit", exits, .backings = BACKING_MEMFD },
		{ "kill", killed, .backings = BACKING_MEMFD },
	},
};
