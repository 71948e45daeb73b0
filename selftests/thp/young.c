// SPDX-License-Identifier: GPL-2.0-only
/*
 * khugepaged makes a huge page only of memory that is in use. That it is may be known from nothing but the
 * accessed bits of sptes: it has to ask for each page, and to believe the answer.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/age.h"
#include "lib/check.h"
#include "lib/collapse.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/thp.h"

#define PAGES THP_PAGES
#define FEW_FIRST 296UL		/* what the guest touches, if not all: a window of kvm_probe_prefetch() */
#define FEW 8UL

struct used {
	struct stage stage;
	bool outlives;	/* an accessed bit outlives its spte: KVM marks the page when it zaps the spte */
};

/* The host forgets that its own ptes were used; it does not ask the notifiers (clear_refs_pte_range()). */
static void forget(struct stage *s)
{
	int err = sysfile_write("/proc/self/clear_refs", "1");

	require(!err, "/proc/self/clear_refs: %s", strerror(-err));
	witness_step(&s->witness, "clear_refs", &(struct step){ 0 });
}

/*
 * Small pages, none with an spte, that may become a huge one. One is writable, which older kernels want to
 * see.
 */
static void set_up(struct used *used)
{
	struct stage *s = &used->stage;
	struct page_state state;

	mglru_off();
	collapse_prepare();
	stage_set(s, PAGES);
	forget(s);
	require(!mprotect(s->slot->hva, PAGES * GUEST_PAGE, PROT_READ) &&
		!mprotect(s->slot->hva, PAGES * GUEST_PAGE, PROT_READ | PROT_WRITE), "mprotect: %s",
		strerror(errno));
	witness_step(&s->witness, "mprotect and back", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = s->slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	pagemap_read(s->slot->hva, &state, 1);
	used->outlives = state.referenced;
	lru_drain();
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 1), FEW_FIRST, 1);
	witness_step(&s->witness, "host writes a page", &(struct step){ 0 });
}

static void allow(struct stage *s)
{
	forget(s);
	collapse_allow(s->slot->hva, PAGES);
	witness_step(&s->witness, "MADV_HUGEPAGE", &(struct step){ 0 });
}

/* What was asked in the last step, and how often the answer was yes; how often when the sptes were gone. */
struct answers {
	size_t asked, yes, late;
};

static struct answers count_answers(void)
{
	const struct event_list *list = witness_events();
	struct answers n = { 0 };
	bool zapped = false, yes;

	for (const struct event *e = list->event; e < list->event + list->count; e++) {
		zapped |= e->kind == EVENT_START;
		yes = e->kind == EVENT_TEST_YOUNG && e->young == YOUNG_YES;
		n.asked += e->kind == EVENT_TEST_YOUNG;
		n.yes += yes;
		n.late += yes && zapped;
	}
	return n;
}

static void expect_answers(const char *what, bool young)
{
	struct answers n;

	if (events_missing() || !events_have(EVENT_YOUNG_ANSWER))
		return;
	n = count_answers();
	expect(n.asked, "%s: khugepaged did not ask for accessed bits", what);
	expect(young == !!n.yes, "%s: the answer to %zu of %zu questions was yes", what, n.yes, n.asked);
	expect(!n.late, "%s: KVM found %zu pages young when it had no spte any more", what, n.late);
}

static void scan(struct used *used, const char *what, size_t zapped)
{
	struct stage *s = &used->stage;

	khugepaged_scan();
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = PAGES, .zapped = zapped,
	});
}

/*
 * The guest uses pages, and nobody else does. khugepaged asks once more when the sptes are gone
 * (__collapse_huge_page_isolate()), of which KVM can only say no: if nothing else is left of the use, khugepaged
 * gives up, for this time. The faults that come of it mark the pages.
 */
static void use(size_t first, size_t count)
{
	struct used used;
	struct stage *s = &used.stage;

	set_up(&used);
	stage_read(s, "guest reads", first, count, 1, count);
	allow(s);
	scan(&used, "khugepaged", count);
	expect_answers("khugepaged", true);
	expect(!!thp_count(s->slot->hva) == used.outlives, "khugepaged made %s huge page",
	       used.outlives ? "no" : "a");
	if (!used.outlives) {
		guest_check(s->vcpu, s->slot, first, count, 1);
		witness_step(&s->witness, "guest reads again", &(struct step){ .faulted = count });
		scan(&used, "khugepaged again", count);
	}
	s->witness.granule = PAGES;
	stage_read(s, "guest reads the huge page", 0, PAGES, 1, PAGES);
	sptes_expect_level(s->slot, 0, PAGES, 2, "guest reads the huge page");
}

static void all_used(void)
{
	use(0, PAGES);
}

/* Not the first page: that is not the one to ask for in place of all others. */
static void few_used(void)
{
	use(FEW_FIRST, FEW);
}

static void none_used(void)
{
	struct used used;
	struct stage *s = &used.stage;

	set_up(&used);
	allow(s);
	khugepaged_scan();
	witness_step(&s->witness, "khugepaged, no page used", &(struct step){ 0 });
	expect_answers("khugepaged, no page used", false);
	expect(!thp_count(s->slot->hva), "khugepaged made a huge page of memory that nobody uses");
	stage_read(s, "guest reads", 0, PAGES, 1, PAGES);
	sptes_expect_level(s->slot, 0, PAGES, 1, "guest reads");
}

const struct test test = {
	.name = "young",
	.group = "thp",
	.proves = "khugepaged finds in the sptes which memory is in use, page by page",
	.needs = { .kvm = true, .memory_mib = 64, .files = { THP_KNOBS "khugepaged/full_scans",
		   "/proc/self/clear_refs" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 30,
	.cases = {
		{ "all-used", all_used },
		{ "few-used", few_used },
		{ "none-used", none_used },
	},
};
