// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine runs out of memory, and the OOM killer takes an owner of a VM, whose vCPUs run, or wait inside
 * of KVM. The VM of another process stays as it was.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/blocked.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/held-exit.h"
#include "lib/kmsg.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/reaper.h"
#include "lib/sibling.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/watch.h"
#include "lib/witness.h"

#define PAGES 256
#define FREE 8		/* more pages of the memslot, that the guest has not touched */
#define CHUNK 4096	/* pages that the victim takes at a time */
#define SLOW "the kernel waits two seconds before it reaps (OOM_REAPER_DELAY)"
#define FILLS "fills all of the machine's memory"

static struct peer victim;
static struct shown_vm *shown;

/* The victim's; in the case's process what it sees of them. */
static struct vm vm;
static struct memslot *slot;
static struct witness witness;

static void make_victim(void)
{
	int err = sysfile_write("/proc/self/oom_score_adj", "1000");

	require(!err, "oom_score_adj: %s", strerror(-err));
	vm_create(&vm, 1);
	/* Once the reaper left locked memory alone (can_madv_lru_vma() in 5.15). */
	require(!munlock(vm.system, vm.slot[0].pages * GUEST_PAGE), "munlock: %s", strerror(errno));
	slot = vm_add_memslot(&vm, memory_alloc(PAGES + FREE), PAGES + FREE);
	require(!guest_fill(&vm.vcpu[0], slot, 0, PAGES, 1), "the guest cannot write");
	vm_show(&vm, shown);
}

static void spin(void)
{
	guest_spin_write_start(&vm.vcpu[0], slot, 0, PAGES, 0);
	require(guest_spin_wait(&vm.vcpu[0]), "the guest stands still");
}

/* One vCPU for a page that nobody gives, one for an interrupt. */
static void block(void)
{
	vcpu_block_in_uffd(&vm.vcpu[0], slot, PAGES, FREE);
	vcpu_block_halted(slot);
}

static void take_all(void)
{
	for (;;)
		memory_fill(memory_alloc(CHUNK), 1, 0, CHUNK);
}

static void by_sysrq(void)
{
	int err = sysfile_write("/proc/sysrq-trigger", "f");

	require(!err, "sysrq f: %s", strerror(-err));
}

static void by_victim(void)
{
	peer_tell(&victim, take_all);
}

static void kill_victim(void (*vcpus)(void), void (*act)(void))
{
	int kmsg, status;

	knob_set("/proc/sys/vm/panic_on_oom", "0");
	knob_set("/proc/sys/vm/oom_kill_allocating_task", "0");
	shown = shared_alloc(sizeof(*shown));
	sibling_start();
	peer_start(&victim, "the victim");
	peer_call(&victim, make_victim);
	vm_watch_open(&vm, shown, &witness);
	slot = &vm.slot[1];
	kmsg = kmsg_open();
	exit_hold(vm.owner);
	peer_call(&victim, vcpus);
	act();
	reaper_wait(&witness, slot, kmsg);
	sibling_expect_untouched("reaped");
	status = exit_let_go(vm.owner);
	expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	       "the victim ended with status %#x, not by SIGKILL", status);
	vm_expect_released(&witness, "the victim is gone");
	sibling_expect_untouched("the victim is gone");
}

static void asked(void)
{
	kill_victim(spin, by_sysrq);
}

static void asked_blocked(void)
{
	kill_victim(block, by_sysrq);
}

static void real(void)
{
	kill_victim(spin, by_victim);
}

static void real_blocked(void)
{
	kill_victim(block, by_victim);
}

const struct test test = {
	.name = "global",
	.group = "oom",
	.proves = "a global OOM kill takes the chosen owner's memory with its sptes and no other's",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.destructive = true,
	.expected = {
		"invoked oom-killer: ",
		"Out of memory: Killed process ",
		"oom_reaper: reaped process ",
	},
	.cases = {
		{ "asked", asked, .needs.files = { "/proc/sysrq-trigger" } },
		{ "asked-blocked", asked_blocked, { .files = { "/proc/sysrq-trigger" } }, .full = SLOW },
		{ "real", real, .full = FILLS },
		{ "real-blocked", real_blocked, .full = FILLS },
	},
};
