// SPDX-License-Identifier: GPL-2.0-only
/*
 * A memory cgroup runs out of memory, and the OOM killer takes an owner of a VM there. Its memory comes
 * back without its help, as the reaper takes it, with all sptes; VMs of other processes, in the cgroup
 * or not, stay as they were.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/blocked.h"
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/held-exit.h"
#include "lib/kmsg.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/reaper.h"
#include "lib/sibling.h"
#include "lib/sptes.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/watch.h"
#include "lib/witness.h"

#define USED 1024		/* pages that the guest has when it begins */
#define MORE 1024		/* that are not there yet */
#define LEFT (256 * GUEST_PAGE)	/* of the limit: not enough for them */
#define DEADLINE_S 20
#define SLOW "the kernel waits two seconds before it reaps (OOM_REAPER_DELAY)"

static struct peer victim, other;
static struct shown_vm *shown;
static int kmsg;

/* The victim's (and, in it, those of the other); in the case's process what it sees of them. */
static struct vm vm;
static struct memslot *slot;
static struct witness witness;

static void make_guest(void)
{
	cgroup_join();
	vm_create(&vm, 1);
	/* Once the reaper left locked memory alone (can_madv_lru_vma() in 5.15). */
	require(!munlock(vm.system, vm.slot[0].pages * GUEST_PAGE), "munlock: %s", strerror(errno));
	slot = vm_add_memslot(&vm, memory_alloc(USED + MORE), USED + MORE);
	witness_open_counters(&witness, &vm);
	require(!guest_fill(&vm.vcpu[0], slot, 0, USED, 1), "the guest cannot write");
	witness_step(&witness, "guest writes", &(struct step){ .faulted = USED });
}

static void make_victim(void)
{
	make_guest();
	vm_show(&vm, shown);
}

static void start_one(void)
{
	cgroup_create();
	if (cgroup_has("memory.swap.max"))
		cgroup_set("memory.swap.max", "0");
	shown = shared_alloc(sizeof(*shown));
	sibling_start();
	peer_start(&victim, "the victim");
	peer_call(&victim, make_victim);
}

/* Nobody starts after that who would read the events. */
static void watch(void)
{
	vm_watch_open(&vm, shown, &witness);
	slot = &vm.slot[1];
	kmsg = kmsg_open();
}

static void set_up(void)
{
	start_one();
	watch();
}

static void set_up_two(void)
{
	start_one();
	peer_start(&other, "the other");
	peer_call(&other, make_guest);
	watch();
}

static void set_limit(void)
{
	cgroup_set_bytes("memory.max", cgroup_get("memory.current", NULL) + LEFT);
}

static void expect_killed(const char *who, int status)
{
	expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	       "%s ended with status %#x, not by SIGKILL", who, status);
}

static void expect_one_kill(void)
{
	uint64_t kills = cgroup_get("memory.events", "oom_kill");

	expect(kills == 1, "the cgroup counts %lu processes killed, expected 1", kills);
}

/* What the guest had is no longer charged, though its owner still exists. */
static void expect_freed(uint64_t before)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	uint64_t usage;

	do {
		usage = cgroup_get("memory.current", NULL);
		if (usage <= before - USED * GUEST_PAGE)
			return;
		usleep(1000);
	} while (time(NULL) <= deadline);
	expect(false, "the cgroup has %lu KiB, had %lu KiB before; the guest alone had %lu KiB",
	       usage / 1024, before / 1024, USED * GUEST_PAGE / 1024);
}

static void expect_reaped(void)
{
	reaper_wait(&witness, slot, kmsg);
	sibling_expect_untouched("reaped");
}

/* The victim does that, and cannot get what it wants. */
static void kill_by(void (*act)(void))
{
	uint64_t before = cgroup_get("memory.current", NULL);

	set_limit();
	exit_hold(vm.owner);
	peer_tell(&victim, act);
	expect_reaped();
	expect_freed(before);
}

static void end_victim(void)
{
	expect_killed("the victim", exit_let_go(vm.owner));
	vm_expect_released(&witness, "the victim is gone");
	expect_one_kill();
	sibling_expect_untouched("the victim is gone");
}

static void guest_takes_more(void)
{
	guest_spin_write_start(&vm.vcpu[0], slot, USED, MORE, 0);
}

static void owner_takes_more(void)
{
	memory_fill(memory_alloc(MORE), 1, 0, MORE);
	fail("the owner got %d pages beyond the limit", MORE);
}

static void spin(void)
{
	guest_spin_write_start(&vm.vcpu[0], slot, 0, USED, 0);
	require(guest_spin_wait(&vm.vcpu[0]), "the guest stands still");
}

static void block(void)
{
	vcpu_block_in_uffd(&vm.vcpu[0], slot, USED, MORE);
	vcpu_block_halted(slot);
}

/* In the vCPU's own page fault. */
static void by_guest(void)
{
	set_up();
	kill_by(guest_takes_more);
	end_victim();
}

static void running(void)
{
	set_up();
	peer_call(&victim, spin);
	kill_by(owner_takes_more);
	end_victim();
}

static void blocked(void)
{
	set_up();
	peer_call(&victim, block);
	kill_by(owner_takes_more);
	end_victim();
}

static void become_likely(void)
{
	int err = sysfile_write("/proc/self/oom_score_adj", "1000");

	require(!err, "oom_score_adj: %s", strerror(-err));
}

static void other_takes_more(void)
{
	require(!guest_fill(&vm.vcpu[0], slot, USED, MORE, 2), "the guest cannot write");
	witness_step(&witness, "the other's guest writes", &(struct step){ .faulted = MORE });
	sptes_expect(slot, 0, slot->pages, SPTES_WRITABLE, "the other's guest writes");
	guest_check(&vm.vcpu[0], slot, 0, USED, 1);
	guest_check(&vm.vcpu[0], slot, USED, MORE, 2);
	memory_check("the other", slot->hva, memory_key(slot->tag, 1), 0, USED);
	witness_step(&witness, "the other reads", &(struct step){ 0 });
}

/*
 * Who needs the memory is not who dies for it; what it had stays, what it wanted it gets. From the
 * reaper, as a victim that ends by itself counts as done before its memory is free (exit_mmap()), and
 * then the next one may have to die too.
 */
static void chosen(void)
{
	set_up_two();
	peer_call(&victim, become_likely);
	set_limit();
	exit_hold(vm.owner);
	peer_call(&other, other_takes_more);
	expect_reaped();
	end_victim();
}

/*
 * memory.oom.group: all of the cgroup end together. How many that are memory.events does not tell: the
 * first is counted twice (oom_kill_process() in mm/oom_kill.c).
 */
static void together(void)
{
	set_up_two();
	cgroup_set("memory.oom.group", "1");
	set_limit();
	peer_tell(&victim, guest_takes_more);
	expect_killed("the victim", peer_wait(&victim));
	expect_killed("the other", peer_wait(&other));
	vm_expect_released(&witness, "both are gone");
	sibling_expect_untouched("both are gone");
}

const struct test test = {
	.name = "memcg",
	.group = "oom",
	.proves = "when a cgroup is out of memory, one owner ends with all its sptes, the others go on",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.expected = {
		"invoked oom-killer: ",
		"Memory cgroup out of memory: Killed process ",
		"Memory cgroup out of memory: OOM victim ",
		"oom_reaper: reaped process ",
	},
	.cases = {
		{ "by-guest", by_guest },
		{ "running", running, { .cpus = 2 }, .full = SLOW },
		{ "blocked", blocked, .full = SLOW },
		{ "chosen", chosen, .full = SLOW },
		{ "together", together },
	},
};
