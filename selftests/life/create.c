// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs come and go in a process, fail to come, and are passed on by fork(): nothing is left of those that
 * are gone, and a VM serves only the memory of the process that made it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/census.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/told.h"

#define PAGES 64
#define VMS_FEW 20
#define VMS_MANY 300

static struct stage s;
static struct peer peer;

/* The peer's. */
static int kvm;
static struct answer {
	int fd, err;
} *answer;

static void on_signal(int signal)
{
	(void)signal;
}

static void open_kvm(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	int fd;

	require(!sigaction(SIGUSR1, &action, NULL), "sigaction: %s", strerror(errno));
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	fd = ioctl(kvm, KVM_CREATE_VM, 0);
	require(fd >= 0, "KVM_CREATE_VM: %s", strerror(errno));
	close(fd);
}

static void create_at_entry(void)
{
	struct census before;

	census_take(&before);
	answer->fd = ioctl(kvm, KVM_CREATE_VM, 0);
	answer->err = errno;
	if (answer->fd >= 0)
		close(answer->fd);
	census_expect_same(&before, "KVM_CREATE_VM while traced");
}

static void create_again(void)
{
	struct census before;
	struct vm vm;

	census_take(&before);
	vm_create(&vm, 1);
	vm_destroy(&vm);
	census_expect_same(&before, "a VM was made and closed");
}

static void wait_for_stop(int *status)
{
	require(waitpid(peer.pid, status, __WALL) == peer.pid && WIFSTOPPED(*status),
		"the peer did not stop: %#x", *status);
}

/* Lets the peer run to where it enters KVM_CREATE_VM, or leaves it, and stands still there. */
static void run_to_create_vm(unsigned int op)
{
	struct __ptrace_syscall_info info;
	bool inside = op == PTRACE_SYSCALL_INFO_EXIT;
	int status;

	do {
		require(!ptrace(PTRACE_SYSCALL, peer.pid, NULL, NULL), "PTRACE_SYSCALL: %s",
			strerror(errno));
		wait_for_stop(&status);
		require(ptrace(PTRACE_GET_SYSCALL_INFO, peer.pid, sizeof(info), &info) > 0,
			"PTRACE_GET_SYSCALL_INFO: %s", strerror(errno));
	} while (info.op != op || (!inside && (info.entry.nr != SYS_ioctl ||
					       info.entry.args[1] != KVM_CREATE_VM)));
}

/*
 * KVM_CREATE_VM by the peer, which stands still at its entry and again at its exit: a signal sent at
 * the entry is pending all through it. Not let go before its exit, as PTRACE_DETACH kicks like a signal
 * (ptrace_signal_wake_up() in __ptrace_unlink()).
 */
static void create_traced(bool signalled)
{
	int status;

	require(!ptrace(PTRACE_SEIZE, peer.pid, NULL, PTRACE_O_TRACESYSGOOD) &&
		!ptrace(PTRACE_INTERRUPT, peer.pid, NULL, NULL), "ptrace: %s", strerror(errno));
	wait_for_stop(&status);
	peer_tell(&peer, create_at_entry);
	run_to_create_vm(PTRACE_SYSCALL_INFO_ENTRY);
	if (signalled)
		require(!kill(peer.pid, SIGUSR1), "kill: %s", strerror(errno));
	run_to_create_vm(PTRACE_SYSCALL_INFO_EXIT);
	require(!ptrace(PTRACE_DETACH, peer.pid, NULL, NULL), "PTRACE_DETACH: %s", strerror(errno));
	peer_answer(&peer);
}

/* mm_take_all_locks() gives up when a signal is pending, and mmu_notifier_register() with it. */
static void interrupted(void)
{
	answer = shared_alloc(sizeof(*answer));
	peer_start(&peer, "the maker");
	peer_call(&peer, open_kvm);
	create_traced(false);
	require(answer->fd >= 0, "KVM_CREATE_VM while traced: %s", strerror(answer->err));
	create_traced(true);
	expect(answer->fd < 0 && answer->err == EINTR, "KVM_CREATE_VM with a signal pending: %s",
	       answer->fd < 0 ? strerror(answer->err) : "it succeeds");
	create_traced(false);
	expect(answer->fd >= 0, "KVM_CREATE_VM without the signal: %s", strerror(answer->err));
	peer_call(&peer, create_again);
}

/* What every ioctl of a VM or vCPU says to a process with another mm. */
static void expect_refused(int fd, unsigned long request, void *arg, const char *name)
{
	int result = ioctl(fd, request, arg);

	expect(result < 0 && errno == EIO, "%s in the child: %s, expected %s", name,
	       result < 0 ? strerror(errno) : "it succeeds", strerror(EIO));
}

static void child_uses_vm(void)
{
	struct kvm_userspace_memory_region none = { .slot = 7 };
	struct kvm_regs regs;

	expect_refused(s.vm.fd, KVM_SET_USER_MEMORY_REGION, &none, "KVM_SET_USER_MEMORY_REGION");
	expect_refused(s.vm.fd, KVM_CREATE_VCPU, (void *)1, "KVM_CREATE_VCPU");
	expect_refused(s.vm.fd, KVM_CHECK_EXTENSION, (void *)KVM_CAP_USER_MEMORY, "KVM_CHECK_EXTENSION");
	expect_refused(s.vcpu->fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
	expect_refused(s.vcpu->fd, KVM_RUN, NULL, "KVM_RUN");
}

static void child_unmaps(void)
{
	require(!munmap(s.slot->hva, PAGES * GUEST_PAGE), "munmap: %s", strerror(errno));
}

static void child_leaves(void)
{
	_exit(0);
}

/* The child has the file descriptors and a copy of the memory, but no secondary MMU. */
static void forked(void)
{
	stage_set(&s, PAGES);
	peer_start(&peer, "the child");
	witness_step(&s.witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	stage_read(&s, "all read after the fork", 0, PAGES, 1, PAGES);
	peer_call(&peer, child_uses_vm);
	peer_call(&peer, child_unmaps);
	stage_read(&s, "all read after the child's munmap", 0, PAGES, 1, 0);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "the child's munmap");
	peer_end(&peer, child_leaves);
	stage_read(&s, "all read after the child's end", 0, PAGES, 1, 0);
}

/* The VM that stays is told of each page once, however many there were beside it. */
static void in_turn(size_t count)
{
	struct census before;
	struct vm vm;

	stage_set(&s, PAGES);
	census_take(&before);
	for (size_t i = 0; i < count; i++) {
		vm_create(&vm, 1);
		vm_destroy(&vm);
		if (i % VMS_FEW == 0)
			witness_step(&s.witness, "other VMs come and go", &(struct step){ 0 });
	}
	census_expect_same(&before, "all of the other VMs are closed");
	stage_read(&s, "all read beside other VMs", 0, PAGES, 1, 0);
	require(!munmap(s.slot->hva, GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap of a page", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = 1, .zapped = 1,
	});
	events_expect_told(witness_events(), s.slot->hva, 1, "munmap of a page");
}

static void few_in_turn(void)
{
	in_turn(VMS_FEW);
}

static void many_in_turn(void)
{
	in_turn(VMS_MANY);
}

const struct test test = {
	.name = "create",
	.group = "life",
	.proves = "VMs that are gone, or never came, leave nothing, and serve no process but their own",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "interrupted", interrupted },
		{ "fork", forked },
		{ "in-turn", few_in_turn },
		{ "many-in-turn", many_in_turn, .full = "makes hundreds of VMs" },
	},
};
