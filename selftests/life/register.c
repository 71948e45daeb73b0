// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs are made, the first of the process among them, while its memory is unmapped without end: by another
 * of its threads, and by another process that punches holes into a file of both. Who registers must not
 * be told the end of an invalidation whose start it did not hear (INV20): mmu_notifier_register() waits
 * for those that hold the mmap lock, and, by taking all locks, for those that hold none but the file's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
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
#include "lib/tracefs.h"
#include "lib/turns.h"
#include "lib/wide-file.h"

#define PAGES 64
#define ROUNDS 4
#define TURNS 3		/* of the other, before each VM that is made and before it is closed, */
#define TURNS_MAX 200	/* and at most: more events cannot be kept */

static struct peer peer;
static struct stage s;
static char *memory;	/* what is unmapped all the time */
static int file, pipe_fd;

static struct {
	struct balance balance;
	uint64_t mm;
	size_t registered, unregistered, starts;
} seen;

static void unmap_and_map(void)
{
	require(!munmap(memory, PAGES * GUEST_PAGE), "munmap: %s", strerror(errno));
	require(mmap(memory, PAGES * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == memory, "mmap: %s",
		strerror(errno));
	*(volatile char *)memory = 1;
}

static void punch_hole(void)
{
	wide_file_punch(file, 0);
}

static void *unmapper(void *arg)
{
	(void)arg;
	turns_take(unmap_and_map);
	return NULL;
}

static void puncher(void)
{
	turns_take(punch_hole);
}

static void see(const struct event *e)
{
	char why[256];

	if (e->kind == EVENT_REGISTER && e->task == getpid() && !seen.mm)
		seen.mm = e->mm;
	if (!seen.mm || e->mm != seen.mm)
		return;
	seen.registered += e->kind == EVENT_REGISTER;
	seen.unregistered += e->kind == EVENT_UNREGISTER;
	seen.starts += e->kind == EVENT_START;
	expect(balance_event(&seen.balance, e, why, sizeof(why)), "%s", why);
}

/* All of them from the first registration on: before it nobody is to be told. */
static void read_events(void)
{
	struct event_list list;
	char *text;

	if (events_missing())
		return;
	text = tracefs_pipe_read(pipe_fd);
	require(text, "no memory for the recorded events");
	list = events_parse(text);
	for (size_t i = 0; i < list.count; i++)
		see(&list.event[i]);
	events_free(&list);
	free(text);
}

static void make_vms(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), fd;

	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	for (int round = 0; round < ROUNDS; round++) {
		turns_grant(TURNS, TURNS_MAX);
		fd = ioctl(kvm, KVM_CREATE_VM, 0);
		require(fd >= 0, "KVM_CREATE_VM: %s", strerror(errno));
		turns_grant(TURNS, TURNS_MAX);
		read_events();
		close(fd);
	}
	close(kvm);
}

/* After the other is there, which would hold the pipe open, too. */
static void begin(void)
{
	char *early;

	if (events_missing())
		return;
	pipe_fd = tracefs_pipe_resume();
	require(pipe_fd >= 0, "trace_pipe: %s", strerror(-pipe_fd));
	early = tracefs_pipe_read(pipe_fd);
	free(early);
}

static void check_events(void)
{
	const struct event *open;

	if (events_missing())
		return;
	read_events();
	open = balance_unended(&seen.balance);
	expect(!open, "an invalidation by %s was started and not ended", open ? open->caller : "");
	expect(seen.registered == ROUNDS && seen.unregistered == ROUNDS,
	       "%zu VMs were registered and %zu unregistered, expected %d", seen.registered,
	       seen.unregistered, ROUNDS);
	expect(seen.starts >= ROUNDS * TURNS, "only %zu invalidations were told while VMs came and went",
	       seen.starts);
	close(pipe_fd);
}

/* A VM that is made when all is quiet hears what there is to hear. */
static void check_new_vm(void)
{
	stage_set(&s, PAGES);
	require(!munmap(s.slot->hva, GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap of a page", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = 1, .zapped = 1,
	});
	stage_expect_gone(&s, 0, 1);
	stage_read(&s, "all read", 1, PAGES - 1, 1, 0);
}

static void against_munmap(void)
{
	pthread_t thread;

	turns_prepare();
	memory = memory_alloc(PAGES);
	begin();
	require(!pthread_create(&thread, NULL, unmapper, NULL), "no thread");
	make_vms();
	turns_stop();
	pthread_join(thread, NULL);
	check_events();
	check_new_vm();
}

static void against_hole(void)
{
	turns_prepare();
	file = memfd_create("shared", MFD_CLOEXEC);
	require(file >= 0, "memfd: %s", strerror(errno));
	wide_file_map(file);
	peer_start(&peer, "who punches holes");
	begin();
	peer_tell(&peer, puncher);
	make_vms();
	turns_stop();
	peer_answer(&peer);
	check_events();
	check_new_vm();
}

const struct test test = {
	.name = "register",
	.group = "life",
	.proves = "a VM that is made while memory is unmapped is told no end without its start",
	.needs = { .kvm = true, .memory_mib = 32, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_LIFE,
	.timeout_s = 30,
	.cases = {
		{ "munmap", against_munmap },
		{ "hole", against_hole },
	},
};
