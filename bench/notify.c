// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host's mm pays to tell a live guest, in nanoseconds a call: for comparing kernels in one run of
 * ci/bench-mutants. A program in the form of a test, so that sptest runs it; it fails only if it cannot measure.
 */
#include <stdint.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/clock.h"
#include "lib/guest.h"
#include "lib/kvm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/test.h"

#define PAGES 512
#define ROUNDS 40	/* the shortest counts: the machine may be busy with others */

typedef unsigned int (*act)(struct memslot *slot);	/* how many calls it was */

/* Two invalidations of the whole memslot. */
static unsigned int protect(struct memslot *slot)
{
	require(!mprotect(slot->hva, PAGES * GUEST_PAGE, PROT_READ), "mprotect");
	require(!mprotect(slot->hva, PAGES * GUEST_PAGE, PROT_READ | PROT_WRITE), "mprotect");
	return 2;
}

static unsigned int drop(struct memslot *slot)
{
	for (size_t page = 0; page < PAGES; page++)
		require(!madvise(slot_page(slot, page), GUEST_PAGE, MADV_DONTNEED), "madvise");
	return PAGES;
}

/* Of a range that holds no spte: what is left is the telling. */
static unsigned int drop_nothing(struct memslot *slot)
{
	drop(slot);
	return drop(slot) + PAGES;
}

static void measure(const char *what, act act)
{
	uint64_t best = UINT64_MAX, started, took;
	struct memslot *slot;
	struct vm vm;

	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	for (int i = 0; i < ROUNDS; i++) {
		unsigned int calls;

		require(!guest_fill(&vm.vcpu[0], slot, 0, PAGES, i), "the guest cannot write");
		started = clock_us();
		calls = act(slot);
		took = (clock_us() - started) * 1000 / calls;
		if (took < best)
			best = took;
	}
	diag("figure %s %lu ns less", what, best);
}

static void mprotect_all(void)
{
	measure("mprotect-512-pages", protect);
}

static void dontneed_each(void)
{
	measure("dontneed-1-page", drop);
}

static void dontneed_mixed(void)
{
	measure("dontneed-1-page-half-empty", drop_nothing);
}

const struct test test = {
	.name = "notify",
	.group = "bench",
	.proves = "nothing: it measures",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.timeout_s = 60,
	.cases = {
		{ "mprotect", mprotect_all },
		{ "dontneed", dontneed_each },
		{ "dontneed-half-empty", dontneed_mixed },
	},
};
