// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process ends while its VM has memory mapped that another process shares. KVM hears of it
 * before the pages go, exactly once, and no spte of the dead VM is left, even if somebody still
 * holds the VM. The other process keeps its memory, its VM and what was written last.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
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

#define TAG 1	/* of the file, whoever maps it */

/* Of process A, the one that stays; process B has a copy, with its own VM in `stage`. */
static struct stage stage;
static struct peer b;

/* What A has to know of B. */
static struct seen {
	uint64_t mm, start, end;	/* where its memory is */
	int vm_fd;
	struct stats stats;
} *seen;

static void b_set_up(void)
{
	stage_attach(&stage, TAG);
	witness_open_counters(&stage.witness, &stage.vm);
	stage_read(&stage, "B: guest reads", 0, stage.memory.pages, 1, stage.memory.pages);
	seen->mm = events_missing() ? 0 : events_own_mm();
	seen->vm_fd = stage.vm.fd;
	seen->start = (uintptr_t)stage.memory.hva;
	seen->end = seen->start + stage.memory.pages * GUEST_PAGE;
	seen->stats = stage.vm.stats;
}

/* B's guest writes the first word of each page, over and over. */
static void b_spin(void)
{
	guest_spin_write_start(stage.vcpu, stage.slot, 0, stage.memory.pages, 0);
	require(guest_spin_wait(stage.vcpu), "the guest of B stands still");
}

static void set_up(void)
{
	const size_t pages = backing()->pages;

	seen = shared_alloc(sizeof(*seen));
	backing_alloc(&stage.memory, pages);
	memory_fill(stage.memory.hva, memory_key(TAG, 1), 0, pages);
	munmap(stage.memory.hva, pages * GUEST_PAGE);
	peer_start(&b, "process B");
	/* Before A records events, as it learns its mm by them. */
	peer_call(&b, b_set_up);
	stage_attach(&stage, TAG);
	witness_open(&stage.witness, &stage.vm);
	stage_read(&stage, "A: guest reads", 0, pages, 1, pages);
	if (seen->mm)
		events_add_mm(seen->mm);
}

/* KVM heard of B's end once, and nothing of B's memory was unmapped before. */
static void check_release(void)
{
	struct event_list list;
	size_t released = 0, early = 0;

	if (events_missing())
		return;
	list = events_read();
	for (size_t i = 0; i < list.count; i++) {
		const struct event *e = &list.event[i];

		if (e->mm != seen->mm)
			continue;
		released += e->kind == EVENT_RELEASE;
		early += e->kind == EVENT_START && !released && e->start < seen->end &&
			 e->end > seen->start;
	}
	events_free(&list);
	expect(released == 1, "the end of B was told %zu times", released);
	expect(!early, "%zu ranges of B were unmapped before KVM heard of its end", early);
}

/* A's own: no spte lost, no fault, the words that B's guest did not write as they were. */
static void check_a(bool written)
{
	const size_t pages = stage.memory.pages;
	char *copy;

	if (!written) {
		stage_read(&stage, "A: guest reads all", 0, pages, 1, 0);
		return;
	}
	copy = memory_alloc(pages);
	memory_fill(copy, memory_key(TAG, 1), 0, pages);
	for (size_t i = 0; i < pages; i++)
		expect(!memcmp(copy + i * GUEST_PAGE + 8, (char *)slot_page(stage.slot, i) + 8,
			       GUEST_PAGE - 8), "page %zu changes", i);
	stage_write(&stage, "A: guest writes all", 0, pages, 2, 0);
	stage_read(&stage, "A: guest reads all", 0, pages, 2, 0);
	memory_free(copy, pages);
}

/* The VM of a process that is gone: it has no spte, and can be told nothing any more. */
static void check_dead_vm(int vm_fd, const struct stats *stats)
{
	struct kvm_userspace_memory_region none = { .slot = 7 };
	struct sptes_count count;
	uint64_t small = 0, large = 0;

	if (!sptes_missing() && sptes_count_process(b.pid, &count))
		expect(!count.leaves[0] && !count.leaves[1] && !count.leaves[2],
		       "the dead VM has %lu + %lu + %lu leaf sptes", count.leaves[0], count.leaves[1],
		       count.leaves[2]);
	if (stats->fd >= 0) {
		stats_get(stats, "pages_4k", &small);
		stats_get(stats, "pages_2m", &large);
		expect(!small && !large, "KVM counts %lu leaf sptes of 4 KiB and %lu of 2 MiB in the dead VM", small, large);
	}
	expect(ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &none) && errno == EIO,
	       "the VM of a dead process took an ioctl: %s", strerror(errno));
	close(vm_fd);
}

static void b_exit(void)
{
	_exit(EXIT_PASS);
}

/* Another program in B; as this one, with nothing to say. */
static void b_exec(void)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDOUT_FILENO);
	execl("/proc/self/exe", "exec", "--describe", NULL);
	_exit(EXIT_FAIL);
}

static void exits(void)
{
	set_up();
	peer_end(&b, b_exit);
	check_release();
	check_a(false);
}

static void exits_while_running(void)
{
	set_up();
	peer_call(&b, b_spin);
	peer_end(&b, b_exit);
	check_release();
	check_a(true);
}

static void executes(void)
{
	int status;

	set_up();
	peer_call(&b, b_spin);
	status = peer_end(&b, b_exec);
	expect(WIFEXITED(status) && !WEXITSTATUS(status), "exec in B ended with %#x", status);
	check_release();
	check_a(true);
}

static void killed(void)
{
	int status;

	set_up();
	peer_call(&b, b_spin);
	status = peer_kill(&b);
	expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "B ended with %#x", status);
	check_release();
	check_a(true);
}

/* A holds the VM of B, which so outlives its process. */
static void held(void)
{
	struct stats stats;
	int vm_fd;

	set_up();
	vm_fd = peer_take_fd(&b, seen->vm_fd);
	stats = seen->stats;
	if (stats.fd >= 0)
		stats.fd = peer_take_fd(&b, stats.fd);
	peer_call(&b, b_spin);
	peer_kill(&b);
	check_release();
	check_dead_vm(vm_fd, &stats);
	check_a(true);
}

const struct test test = {
	.name = "exit",
	.group = "zap",
	.proves = "a VM whose process ended has no spte left, and who shares its memory loses nothing",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "exit", exits, .backings = BACKING_MEMFD | BACKING_HUGETLB },
		{ "exit-while-running", exits_while_running, .backings = BACKING_MEMFD },
		{ "exec-while-running", executes, .backings = BACKING_MEMFD },
		{ "kill-while-running", killed, .backings = BACKING_MEMFD | BACKING_HUGETLB },
		{ "vm-held", held, .backings = BACKING_MEMFD | BACKING_HUGETLB },
	},
};
