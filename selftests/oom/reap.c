// SPDX-License-Identifier: GPL-2.0-only
/*
 * The OOM reaper takes the memory of a process that was killed and does not get to its end. It works on
 * live page tables of a VM that still exists, and tells notifiers that they may not block; with
 * process_mrelease() it does so when the test says. Private memory goes with its sptes, what is shared
 * with others stays with them until the process is gone.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/backing.h"
#include "lib/blocked.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/held-exit.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/reaper.h"
#include "lib/sibling.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/watch.h"
#include "lib/witness.h"

#define FREE 8	/* pages at the end of the memslot that the guest has not touched */

static struct peer victim;
static struct shown_vm *shown;

/* The victim's; in the case's process what it sees of them. */
static struct vm vm;
static struct memslot *slot;
static struct witness witness;

static size_t used_pages(void)
{
	return slot->pages - FREE * backing()->granule;
}

static void make_guest(void)
{
	struct backed memory;

	backing_alloc(&memory, backing()->pages + FREE * backing()->granule);
	vm_create(&vm, 1);
	/* Once the reaper left locked memory alone (can_madv_lru_vma() in 5.15). */
	require(!munlock(vm.system, vm.slot[0].pages * GUEST_PAGE), "munlock: %s", strerror(errno));
	slot = vm_add_memslot(&vm, memory.hva, memory.pages);
	require(!guest_fill(&vm.vcpu[0], slot, 0, used_pages(), 1), "the guest cannot write");
	vm_show(&vm, shown);
}

static void spin(void)
{
	guest_spin_write_start(&vm.vcpu[0], slot, 0, used_pages(), 0);
	require(guest_spin_wait(&vm.vcpu[0]), "the guest stands still");
}

static void block_in_uffd(void)
{
	vcpu_block_in_uffd(&vm.vcpu[0], slot, used_pages(), FREE);
}

static void block_halted(void)
{
	vcpu_block_halted(slot);
}

static void set_up(void (*then)(void))
{
	if (syscall(SYS_process_mrelease, -1, 0) && errno == ENOSYS)
		skip_case("kernel without process_mrelease");
	shown = shared_alloc(sizeof(*shown));
	sibling_start();
	peer_start(&victim, "the victim");
	peer_call(&victim, make_guest);
	vm_watch_open(&vm, shown, &witness);
	slot = &vm.slot[1];
	exit_hold(vm.owner);
	if (then)
		peer_call(&victim, then);
}

static int release_memory(void)
{
	int pidfd = syscall(SYS_pidfd_open, vm.owner, 0), err;

	require(pidfd >= 0, "pidfd_open: %s", strerror(errno));
	err = syscall(SYS_process_mrelease, pidfd, 0) ? -errno : 0;
	close(pidfd);
	return err;
}

/* The vCPU may have touched more pages since; all that it has is accounted as it is now. */
static void kill_victim(void)
{
	require(!kill(vm.owner, SIGKILL), "kill: %s", strerror(errno));
	exit_wait_held(vm.owner);
	witness_step(&witness, "killed, not gone", &(struct step){ 0 });
	sptes_expect(slot, 0, used_pages(), SPTES_WRITABLE, "killed, not gone");
}

static void reap(const char *what)
{
	struct step step = { 0 };
	int err = release_memory();

	require(!err, "process_mrelease: %s", strerror(-err));
	if (!backing()->shared)
		step = (struct step){ .event = reaper_says(), .hva = slot->hva, .pages = slot->pages };
	/* Code, stack and mailbox of the guest are private in any case. */
	step.zapped = witness.pages - (backing()->shared ? used_pages() : 0);
	witness_step(&witness, what, &step);
	reaper_expect_events(slot, what);
	sptes_expect(slot, 0, used_pages(), backing()->shared ? SPTES_WRITABLE : SPTES_NONE, what);
	sibling_expect_untouched(what);
}

static void end_victim(void)
{
	int status = exit_let_go(vm.owner);

	expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	       "the victim ended with status %#x, not by SIGKILL", status);
	vm_expect_released(&witness, "the victim is gone");
	sibling_expect_untouched("the victim is gone");
}

static void reap_after(void (*then)(void))
{
	set_up(then);
	kill_victim();
	reap("process_mrelease");
	end_victim();
}

static void idle(void)
{
	reap_after(NULL);
}

static void running(void)
{
	reap_after(spin);
}

static void blocked(void)
{
	reap_after(block_in_uffd);
}

static void halted(void)
{
	reap_after(block_halted);
}

/* What is gone cannot be taken again, and the notifiers are told nothing that is not so. */
static void twice(void)
{
	int err;

	set_up(NULL);
	kill_victim();
	reap("process_mrelease");
	err = release_memory();
	expect(!err, "process_mrelease once more: %s", strerror(-err));
	witness_step(&witness, "process_mrelease once more", &(struct step){
		.event = reaper_says(), .hva = slot->hva, .pages = slot->pages,
	});
	reaper_expect_events(slot, "process_mrelease once more");
	end_victim();
}

/* The memory of a process that nobody killed is its own. */
static void not_killed(void)
{
	int err;

	set_up(NULL);
	err = release_memory();
	expect(err == -EINVAL, "process_mrelease of a process that lives: %s, expected %s",
	       strerror(-err), strerror(EINVAL));
	witness_step(&witness, "refused", &(struct step){ 0 });
	kill_victim();
	end_victim();
}

const struct test test = {
	.name = "reap",
	.group = "oom",
	.proves = "the reaper takes a killed owner's private memory together with all its sptes",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "idle", idle, .backings = BACKINGS_MAIN, .full_backings = BACKINGS_FURTHER },
		{ "running", running, { .cpus = 2 } },
		{ "blocked", blocked },
		{ "halted", halted },
		{ "twice", twice },
		{ "not-killed", not_killed },
	},
};
