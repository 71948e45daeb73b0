// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that has no VM is no affair of the notifiers: whatever it does to its memory, none of them is
 * called (mm_has_notifiers() in include/linux/mmu_notifier.h), though another process has a VM, though its
 * parent has. The same acts are told once it makes a VM, so that it is the VM that makes the difference.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/events-parse.h"
#include "lib/exit.h"
#include "lib/kvm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/record.h"
#include "lib/test.h"
#include "lib/tracefs.h"

#define PAGES 16
#define BYTES (PAGES * GUEST_PAGE)

static struct peer peer;
static struct vm vm;		/* of who calls */
static int pipe_fd;
static uint64_t mm;		/* the peer's, once anything is told of it */

/* The peer's, and what it tells of it. */
static char *memory;
static int file;
static struct told {
	uintptr_t start, end;	/* where the act is */
	pid_t child;		/* that the act made, or 0 */
	int next;		/* which act it is to do */
} *told;

static void act_munmap(void)
{
	require(!munmap(memory, BYTES), "munmap: %s", strerror(errno));
}

static void act_mprotect(void)
{
	require(!mprotect(memory, BYTES, PROT_READ), "mprotect: %s", strerror(errno));
}

static void act_dontneed(void)
{
	require(!madvise(memory, BYTES, MADV_DONTNEED), "MADV_DONTNEED: %s", strerror(errno));
}

static void act_mremap(void)
{
	require(mremap(memory, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, memory_alloc(PAGES)) !=
		MAP_FAILED, "mremap: %s", strerror(errno));
}

static void act_replace(void)
{
	require(mmap(memory, BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		memory, "mmap: %s", strerror(errno));
}

/* The child and the parent copy on write, the child ends. */
static void act_fork(void)
{
	pid_t child = fork();
	int status;

	require(child >= 0, "fork: %s", strerror(errno));
	if (!child) {
		memset(memory, 2, BYTES / 2);
		_exit(EXIT_PASS);
	}
	told->child = child;
	memset(memory, 3, BYTES);
	require(waitpid(child, &status, 0) == child && !status, "the child ended with %#x", status);
}

static void act_punch(void)
{
	require(!fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, BYTES), "fallocate: %s",
		strerror(errno));
}

static void act_truncate(void)
{
	require(!ftruncate(file, 0), "ftruncate: %s", strerror(errno));
}

static const struct act {
	const char *name;
	void (*run)(void);
	bool of_file;
} acts[] = {
	{ "munmap", act_munmap, false },
	{ "mprotect", act_mprotect, false },
	{ "MADV_DONTNEED", act_dontneed, false },
	{ "mremap", act_mremap, false },
	{ "mmap over it", act_replace, false },
	{ "fork", act_fork, false },
	{ "a hole in the file", act_punch, true },
	{ "truncate of the file", act_truncate, true },
};

#define ACTS ((int)(sizeof(acts) / sizeof(acts[0])))

static void peer_prepare(void)
{
	if (acts[told->next].of_file) {
		file = memfd_create("own", MFD_CLOEXEC);
		require(file >= 0 && !ftruncate(file, BYTES), "memfd: %s", strerror(errno));
		memory = memory_map_file(file, PAGES);
	} else {
		memory = memory_alloc(PAGES);
	}
	memset(memory, 1, BYTES);
	told->start = (uintptr_t)memory;
	told->end = told->start + BYTES;
	told->child = 0;
}

static void peer_act(void)
{
	acts[told->next].run();
	if (acts[told->next].of_file)
		close(file);
}

static void peer_make_vm(void)
{
	vm_create(&vm, 1);
}

static void peer_exit(void)
{
	_exit(EXIT_PASS);
}

/* What was told in the context of the peer and its child; of that, what touches the memory of the act. */
struct count {
	size_t all, starts, ends, releases;
};

static void count_event(struct count *count, const struct event *e)
{
	const bool here = e->start < told->end && e->end > told->start;

	/* In the context of whichever of its threads is the last: KVM may have made one (vhost_task_create()). */
	count->releases += e->kind == EVENT_RELEASE && mm && e->mm == mm;
	if (e->task != peer.pid && e->task != told->child)
		return;
	count->all++;
	count->starts += e->kind == EVENT_START && here;
	count->ends += e->kind == EVENT_END && here;
	if (e->kind == EVENT_START && here && e->task == peer.pid)
		mm = e->mm;
}

/* As they were recorded: nobody knows the mm of a process that nothing is told of. */
static struct count count_events(const char *what)
{
	char *text = tracefs_pipe_read(pipe_fd);
	struct count count = { 0 };
	struct event_list list;

	require(text, "no memory for the recorded events");
	list = events_parse(text);
	record_mark(EVENT_STEP, what);
	for (size_t i = 0; i < list.count; i++)
		count_event(&count, &list.event[i]);
	events_free(&list);
	free(text);
	return count;
}

static void begin(void)
{
	if (events_missing())
		skip_case("no events: %s", events_missing());
	told = shared_alloc(sizeof(*told));
	peer_start(&peer, "who has no VM");
	pipe_fd = tracefs_pipe_open();
	require(pipe_fd >= 0, "trace_pipe: %s", strerror(-pipe_fd));
}

static void expect_nothing(const char *what)
{
	struct count count = count_events(what);

	expect(!count.all, "%s without a VM: %zu notifications, expected none", what, count.all);
}

static void act_unheard(void)
{
	for (told->next = 0; told->next < ACTS; told->next++) {
		peer_call(&peer, peer_prepare);
		expect_nothing("memory is made");
		peer_call(&peer, peer_act);
		expect_nothing(acts[told->next].name);
	}
}

static void act_heard(void)
{
	for (told->next = 0; told->next < ACTS; told->next++) {
		const char *what = acts[told->next].name;
		struct count count;

		peer_call(&peer, peer_prepare);
		count_events("memory is made");
		peer_call(&peer, peer_act);
		count = count_events(what);
		expect(count.starts, "%s with a VM is not announced", what);
		expect(count.starts == count.ends, "%s with a VM: announced %zu times, ended %zu times",
		       what, count.starts, count.ends);
	}
}

/* Nobody has a VM; then the process makes one, then it ends. */
static void never(void)
{
	begin();
	act_unheard();
	peer_call(&peer, peer_make_vm);
	act_heard();
	peer_end(&peer, peer_exit);
	expect(count_events("the end").releases == 1, "the end of who has a VM is not told");
}

static void end_unheard(void)
{
	peer_call(&peer, peer_prepare);
	peer_end(&peer, peer_exit);
	expect_nothing("the end");
}

/* The case's process has a VM, and the other is its child from before. */
static void beside(void)
{
	begin();
	vm_create(&vm, 1);
	act_unheard();
	end_unheard();
}

/* Its child from after: it has the VM's file descriptors, and a copy of the memory. */
static void inherited(void)
{
	if (!events_missing())
		vm_create(&vm, 1);
	begin();
	act_unheard();
	end_unheard();
}

const struct test test = {
	.name = "none",
	.group = "life",
	.proves = "nothing is told of a process that has no VM, whatever it does to its memory",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 20,
	.cases = {
		{ "never", never },
		{ "beside", beside },
		{ "inherited", inherited },
	},
};
