// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest writes to the last pages of a mapping while fork() write-protects all of it, page by page, in
 * one invalidation. It faults in the midst of that, on pages that are present and writable still. No
 * fault may install an spte before the end.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest-arch.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define MAPPED 16384	/* pages: their ptes are copied in some ticks, those of the guest last */
#define PAGES 32
#define FIRST (MAPPED - PAGES)
#define FORKS 4

static void set_up(struct stage *s)
{
	char *memory = memory_alloc(MAPPED);

	for (size_t page = 0; page < MAPPED; page++)
		*(uint64_t *)(memory + page * GUEST_PAGE) = 1;
	stage_make(s, memory, MAPPED);
	/* Or the guest waits for fork() with a page of its own, and touches no other. */
	require(!madvise(s->vm.system, arch_system_size(), MADV_DONTFORK), "MADV_DONTFORK: %s",
		strerror(errno));
	witness_open(&s->witness, &s->vm);
	guest_write_each(s->vcpu, s->slot, FIRST, PAGES, 1);
	witness_step(&s->witness, "guest writes", &(struct step){ .faulted = PAGES });
}

static void fork_once(void)
{
	pid_t pid = fork();
	int status;

	require(pid >= 0, "fork: %s", strerror(errno));
	if (!pid)
		_exit(0);
	require(waitpid(pid, &status, 0) == pid && !status, "the child did not just end");
}

/* Between two forks the guest has written all its pages, so that their ptes are writable again. */
static void forked(void)
{
	uint64_t expected, value;
	struct stage s;
	int result;

	set_up(&s);
	guest_spin_write_start(s.vcpu, s.slot, FIRST, PAGES, 0);
	for (int i = 0; i < FORKS; i++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still before fork %d", i);
		fork_once();
	}
	require(guest_spin_wait(s.vcpu), "the guest stands still after the last fork");
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&s.witness, "forks while the guest writes", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .also = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = MAPPED,
		.racing = true,
	});
	expected = guest_spin_written(s.vcpu);
	for (size_t page = FIRST; page < MAPPED; page++) {
		value = *(uint64_t *)slot_page(s.slot, page);
		expect(value == expected, "page %zu holds %#lx, the guest wrote %#lx last", page, value,
		       expected);
	}
}

const struct test test = {
	.name = "window",
	.group = "spte",
	.proves = "no fault installs an spte while its page is being invalidated",
	.needs = { .kvm = true, .memory_mib = 128, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "fork-while-written", forked },
	},
};
