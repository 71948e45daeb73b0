// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest is itself a hypervisor. What the host takes from it, its own guest loses as well: KVM maps
 * the same page for both, each by an spte of its own, the nested guest's behind shadowed tables.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/x86/nested.h"

#define PAGES 64
#define MIDDLE 24
#define PART 17

/* Both guests have read all pages, which the host filled. */
static void set_up(struct nested *n, bool paging)
{
	void *memory = memory_alloc(PAGES);

	nested_set_up(n, paging, memory, PAGES);
	memory_fill(memory, memory_key(n->slot->tag, 1), 0, PAGES);
	nested_guest_reads(n, 1);
	nested_reads(n, 1);
	sptes_expect_nested(n->slot, 0, PAGES, SPTES_WRITABLE, "nested guest reads");
}

/* The part has lost what it had for both, `each` times. */
static void expect_zapped(struct nested *n, const char *what, enum notify event, size_t each)
{
	witness_step(&n->witness, what, &(struct step){
		.event = event, .hva = slot_page(n->slot, MIDDLE), .pages = PART, .zapped = each * PART,
	});
	sptes_expect_nested(n->slot, 0, MIDDLE, SPTES_WRITABLE, what);
	sptes_expect_nested(n->slot, MIDDLE, PART, SPTES_NONE, what);
	sptes_expect_nested(n->slot, MIDDLE + PART, PAGES - MIDDLE - PART, SPTES_WRITABLE, what);
}

static void check_rest(struct nested *n)
{
	nested_check(n, "nested guest reads before the part", 0, MIDDLE, 1, 0);
	nested_check(n, "nested guest reads behind the part", MIDDLE + PART, PAGES - MIDDLE - PART, 1, 0);
	require(!guest_check(n->guest, n->slot, 0, MIDDLE, 1) &&
		!guest_check(n->guest, n->slot, MIDDLE + PART, PAGES - MIDDLE - PART, 1),
		"the guest cannot read what stayed");
	witness_step(&n->witness, "guest reads what stayed", &(struct step){ 0 });
}

static void unmap(struct nested *n, size_t each)
{
	require(!munmap(slot_page(n->slot, MIDDLE), PART * GUEST_PAGE), "munmap: %s", strerror(errno));
	expect_zapped(n, "munmap of a part", NOTIFY_UNMAP, each);
	guest_expect_efault(n->nested, &n->view, MIDDLE, PART, false);
	guest_expect_efault(n->nested, &n->view, MIDDLE, PART, true);
	guest_expect_efault(n->guest, n->slot, MIDDLE, PART, false);
	witness_step(&n->witness, "both guests fault out", &(struct step){ 0 });
}

static void unmapped(void)
{
	struct nested n;

	set_up(&n, nested_paging());
	unmap(&n, 2);
	check_rest(&n);
}

/* Its sptes are all that there is of the page. */
static void unmapped_nested_only(void)
{
	struct nested n;
	void *memory = memory_alloc(PAGES);

	nested_set_up(&n, nested_paging(), memory, PAGES);
	memory_fill(memory, memory_key(n.slot->tag, 1), 0, PAGES);
	nested_reads(&n, 1);
	unmap(&n, 1);
	nested_check(&n, "nested guest reads before the part", 0, MIDDLE, 1, 0);
	nested_check(&n, "nested guest reads behind the part", MIDDLE + PART, PAGES - MIDDLE - PART, 1, 0);
}

static void replaced(void)
{
	struct nested n;
	void *hole;

	set_up(&n, nested_paging());
	hole = slot_page(n.slot, MIDDLE);
	require(mmap(hole, PART * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == hole, "MAP_FIXED failed");
	madvise(hole, PART * GUEST_PAGE, MADV_NOHUGEPAGE);
	expect_zapped(&n, "MAP_FIXED over a part", NOTIFY_UNMAP, 2);
	memory_fill(n.slot->hva, memory_key(n.slot->tag, 2), MIDDLE, PART);
	nested_check(&n, "nested guest reads the new pages", MIDDLE, PART, 2, PART);
	require(!guest_check(n.guest, n.slot, MIDDLE, PART, 2), "the guest cannot read the new pages");
	witness_step(&n.witness, "guest reads the new pages", &(struct step){ .faulted = PART });
	check_rest(&n);
}

static void dropped(void)
{
	struct nested n;

	set_up(&n, nested_paging());
	require(!madvise(slot_page(n.slot, MIDDLE), PART * GUEST_PAGE, MADV_DONTNEED),
		"MADV_DONTNEED: %s", strerror(errno));
	expect_zapped(&n, "MADV_DONTNEED of a part", NOTIFY_CLEAR, 2);
	require(!guest_fill(n.nested, &n.view, MIDDLE, PART, 2), "the nested guest cannot write");
	/* The host has none of them: nothing to prefetch. */
	witness_step(&n.witness, "nested guest writes the part",
		     &(struct step){ .faulted = PART, .faults = PART });
	memory_check("host", n.slot->hva, memory_key(n.slot->tag, 2), MIDDLE, PART);
	require(!guest_check(n.guest, n.slot, MIDDLE, PART, 2), "the guest cannot read the part");
	witness_step(&n.witness, "guest reads the part", &(struct step){ .faulted = PART });
	check_rest(&n);
}

static void protect(struct nested *n, const char *what, int rights, size_t each)
{
	void *start = slot_page(n->slot, MIDDLE);

	lru_drain();
	require(!mprotect(start, PART * GUEST_PAGE, rights), "mprotect: %s", strerror(errno));
	expect_zapped(n, what, NOTIFY_PROTECTION_VMA, each);
}

static void protected(void)
{
	struct nested n;

	set_up(&n, nested_paging());
	protect(&n, "mprotect of a part to read-only", PROT_READ, 2);
	guest_expect_efault(n.nested, &n.view, MIDDLE, PART, true);
	witness_step(&n.witness, "nested guest may not write", &(struct step){ 0 });
	require(!guest_check(n.nested, &n.view, MIDDLE, PART, 1), "the nested guest cannot read");
	/* Its own entry lets it write, the host does not: that is not prefetched. */
	witness_step(&n.witness, "nested guest reads the part",
		     &(struct step){ .faulted = PART, .faults = PART });
	sptes_expect_nested(n.slot, MIDDLE, PART, SPTES_READ_ONLY, "nested guest reads the part");
	guest_expect_efault(n.nested, &n.view, MIDDLE, PART, true);
	witness_step(&n.witness, "nested guest still may not write", &(struct step){ 0 });

	protect(&n, "mprotect of a part to none", PROT_NONE, 1);
	guest_expect_efault(n.nested, &n.view, MIDDLE, PART, false);
	witness_step(&n.witness, "nested guest may not read", &(struct step){ 0 });

	protect(&n, "mprotect of a part back", PROT_READ | PROT_WRITE, 0);
	require(!guest_fill(n.nested, &n.view, MIDDLE, PART, 2), "the nested guest cannot write");
	witness_step(&n.witness, "nested guest writes again", &(struct step){
		.faulted = PART, .faults = nested_faults(&n, MIDDLE, PART),
	});
	memory_check("host", n.slot->hva, memory_key(n.slot->tag, 2), MIDDLE, PART);
	check_rest(&n);
}

/* The nested guest runs under the guest's physical addresses: no shadowed table, a root of its own. */
static void unmapped_without_paging(void)
{
	struct nested n;

	set_up(&n, false);
	unmap(&n, 2);
	check_rest(&n);
}

const struct test test = {
	.name = "zap",
	.group = "nested",
	.proves = "what the host takes from a guest that is a hypervisor, the nested guest loses too",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "munmap", unmapped },
		{ "munmap-nested-only", unmapped_nested_only },
		{ "replaced", replaced },
		{ "dontneed", dropped },
		{ "mprotect", protected },
		{ "munmap-without-npt", unmapped_without_paging },
	},
};
