// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hypervisor maps 2 MiB at once for its guest. KVM can do so as well only as long as the host has a
 * huge page there; else it maps the parts, in a table that shadows none of the hypervisor's.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/x86/nested.h"

#define PAGES 512	/* 2 MiB */
#define MIDDLE 200
#define PART 31
#define NUMBER 1	/* of the 2 MiB of the window */

static void set_up(struct nested *n, void *memory)
{
	nested_set_up(n, true, memory, PAGES);
	*window_entry(&n->window, WINDOW_PD, NUMBER) = window_large_page(n->slot, 0);
	n->view = window_view(n->slot, NUMBER);
	memory_fill(memory, memory_key(n->slot->tag, 1), 0, PAGES);
}

static void drop_part(struct nested *n)
{
	require(!madvise(slot_page(n->slot, MIDDLE), PART * GUEST_PAGE, MADV_DONTNEED),
		"MADV_DONTNEED: %s", strerror(errno));
}

/* Of the nested guest's pages, how many are mapped by an spte of that level. False: not told. */
static bool count_level(struct nested *n, unsigned int level, size_t *found)
{
	struct spte_view views[PAGES];

	*found = 0;
	if (!sptes_read_nested(n->slot, 0, PAGES, views))
		return false;
	for (size_t i = 0; i < PAGES; i++)
		*found += views[i].mapped && views[i].level == level;
	return true;
}

/* `each`: whether the nested guest has lost what is beside the part as well. */
static void check_all(struct nested *n, bool each)
{
	const size_t behind = PAGES - MIDDLE - PART;
	size_t small;

	sptes_expect_nested(n->slot, MIDDLE, PART, SPTES_NONE, "MADV_DONTNEED of a part");
	nested_check(n, "nested guest reads before the part", 0, MIDDLE, 1, each ? MIDDLE : 0);
	nested_check(n, "nested guest reads behind the part", MIDDLE + PART, behind, 1,
		     each ? behind : 0);
	require(!guest_fill(n->nested, &n->view, MIDDLE, PART, 2), "the nested guest cannot write");
	/* The host has none of them: nothing to prefetch. */
	witness_step(&n->witness, "nested guest writes the part",
		     &(struct step){ .faulted = PART, .faults = PART });
	memory_check("host", n->slot->hva, memory_key(n->slot->tag, 2), MIDDLE, PART);
	sptes_expect_nested(n->slot, 0, PAGES, SPTES_WRITABLE, "nested guest writes the part");
	if (count_level(n, 1, &small))
		expect(small == PAGES, "%zu of %d pages are mapped by small sptes", small, PAGES);
}

static void over_small_pages(void)
{
	struct nested n;

	set_up(&n, memory_alloc(PAGES));
	nested_guest_reads(&n, 1);
	nested_reads(&n, 1);
	sptes_expect_nested(n.slot, 0, PAGES, SPTES_WRITABLE, "nested guest reads");
	drop_part(&n);
	witness_step(&n.witness, "MADV_DONTNEED of a part", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(n.slot, MIDDLE), .pages = PART, .zapped = 2 * PART,
	});
	check_all(&n, false);
}

static void over_huge_page(void)
{
	void *memory = thp_alloc(PAGES);
	struct nested n;
	size_t huge;

	set_up(&n, memory);
	require(!guest_check(n.nested, &n.view, 0, PAGES, 1), "the nested guest cannot read");
	if (!count_level(&n, 2, &huge))
		skip_case("the sptes of nested guests cannot be read");
	if (!huge)
		skip_case("no huge spte: the host gave no huge page");
	witness_step(&n.witness, "nested guest reads a huge page",
		     &(struct step){ .faulted = PAGES, .faults = 1 });
	require(!guest_check(n.guest, n.slot, 0, PAGES, 1), "the guest cannot read");
	witness_step(&n.witness, "guest reads a huge page",
		     &(struct step){ .faulted = PAGES, .faults = 1 });
	drop_part(&n);
	witness_step(&n.witness, "MADV_DONTNEED of a part", &(struct step){
		.event = NOTIFY_CLEAR, .hva = n.slot->hva, .pages = PAGES, .zapped = 2 * PAGES,
	});
	check_all(&n, true);
}

const struct test test = {
	.name = "large",
	.group = "nested",
	.proves = "2 MiB of a nested guest are mapped as the host has them, and split when it splits",
	.needs = { .kvm = true, .memory_mib = 64, .files = { THP_KNOBS "enabled" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "small-pages", over_small_pages },
		{ "huge-page", over_huge_page },
	},
};
