// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/young.h"

void young_need_answers(void)
{
	if (events_missing())
		skip_case("no events to see what the kernel is told: %s", events_missing());
	if (!events_have(EVENT_YOUNG_ANSWER))
		skip_case("no return probe on the aging notifiers");
}

void young_init(struct young *y, struct vcpu *vcpu, const struct memslot *slot)
{
	*y = (struct young){ .vcpu = vcpu, .slot = slot };
	require(slot->pages == YOUNG_PAGES, "a memslot of %zu pages, not %d", slot->pages, YOUNG_PAGES);
	memset(y->touched, true, sizeof(y->touched));
}

void young_touch(struct young *y, unsigned int round)
{
	uint64_t mask[YOUNG_WORDS] = { 0 };
	size_t page;

	for (page = 0; page < YOUNG_PAGES; page++) {
		if (pattern_mix(test_seed + round * YOUNG_PAGES + page + 1) % 3)
			continue;
		mask[page / 64] |= 1UL << (page % 64);
		y->touched[page] = true;
	}
	require(!guest_touch(y->vcpu, y->slot, mask, YOUNG_PAGES), "the guest cannot read");
}

void young_begin(struct young *y)
{
	memset(y->asked, false, sizeof(y->asked));
}

static bool is_question(const struct event *e)
{
	return e->kind >= EVENT_CLEAR_FLUSH_YOUNG && e->kind <= EVENT_TEST_YOUNG;
}

static void check_question(struct young *y, const char *what, const struct event *e)
{
	uint64_t base = (uintptr_t)y->slot->hva, end = base + YOUNG_PAGES * GUEST_PAGE;
	size_t first, last, page;
	bool expected = false;

	if (!is_question(e) || e->start < base || e->end > end)
		return;
	first = (e->start - base) / GUEST_PAGE;
	last = (e->end - 1 - base) / GUEST_PAGE;
	for (page = first; page <= last; page++) {
		expected |= y->touched[page];
		y->asked[page] = true;
		if (e->kind != EVENT_TEST_YOUNG)
			y->touched[page] = false;
	}
	expect(e->young == (expected ? YOUNG_YES : YOUNG_NO),
	       "%s: KVM said %s of page %zu to %s, which the guest %s", what,
	       e->young == YOUNG_YES ? "young" : e->young == YOUNG_NO ? "old" : "nothing", first,
	       e->caller, expected ? "had touched" : "had not touched");
}

size_t young_check(struct young *y, const char *what, const struct event_list *list)
{
	size_t i, n = 0;

	for (i = 0; i < list->count; i++)
		check_question(y, what, &list->event[i]);
	for (i = 0; i < YOUNG_PAGES; i++)
		n += y->asked[i];
	return n;
}

void young_check_sptes(const struct young *y, const char *what)
{
	struct spte_view views[YOUNG_PAGES];
	size_t wrong = 0, first = 0;

	if (!sptes_read(y->slot, 0, YOUNG_PAGES, views))
		return;
	for (size_t page = 0; page < YOUNG_PAGES; page++)
		if (views[page].mapped && views[page].accessed != y->touched[page] && !wrong++)
			first = page;
	expect(!wrong, "%s: the sptes of %zu pages have the wrong accessed bit, first page %zu, which the guest %s",
	       what, wrong, first, y->touched[first] ? "touched" : "did not touch");
}
