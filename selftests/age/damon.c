// SPDX-License-Identifier: GPL-2.0-only
/*
 * DAMON clears the accessed bits of pages here and there and looks at them again later. Each of its
 * questions about a guest's pages has one right answer, by small sptes and by a huge one.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/age.h"
#include "lib/backing.h"
#include "lib/check.h"
#include "lib/damon.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"
#include "lib/young.h"

#define PAGES YOUNG_PAGES
#define HUGE_PAGES 512
#define ROUNDS 2
#define WANTED 64	/* questions of DAMON in a round */

struct stage {
	struct vm vm;
	struct memslot *slot;
	struct witness witness;
	struct young young;
	bool *filtered;		/* of each page: has the filter asked for it? NULL: there is none */
};

static bool is_question(const struct event *e)
{
	return e->kind >= EVENT_CLEAR_FLUSH_YOUNG && e->kind <= EVENT_TEST_YOUNG;
}

/* DAMON asks for a page from an address inside it on, so into the next one (damon_ptep_mkold()). */
static bool is_of_slot(const struct stage *s, const struct event *e)
{
	uint64_t start = (uintptr_t)s->slot->hva;

	return is_question(e) && e->start >= start && e->start < start + s->slot->pages * GUEST_PAGE;
}

static size_t count_questions(const struct stage *s)
{
	const struct event_list *list = witness_events();
	size_t n = 0;

	for (const struct event *e = list->event; e < list->event + list->count; e++)
		n += is_of_slot(s, e);
	return n;
}

static size_t count_unfiltered(const struct stage *s)
{
	size_t n = 0;

	for (size_t page = 0; s->filtered && page < PAGES - 1; page++)
		n += !s->filtered[page];
	return n;
}

/* Until it has asked often enough, and its filter for every page; `judge` sees the events in order. */
static void sample(struct stage *s, const char *what, void (*judge)(struct stage *s, const char *what))
{
	time_t deadline = time(NULL) + 10 * test_slowness();
	size_t asked = 0;

	/* Read while it is off: it may ask faster than can be read. */
	do {
		damon_start();
		usleep(60000);
		damon_stop();
		witness_step(&s->witness, what, &(struct step){ 0 });
		asked += count_questions(s);
		judge(s, what);
	} while ((asked < WANTED || count_unfiltered(s)) && time(NULL) < deadline);
	require(asked >= WANTED, "%s: DAMON asked %zu times only", what, asked);
	require(!count_unfiltered(s), "%s: its filter has not asked for %zu of %d pages", what,
		count_unfiltered(s), PAGES - 1);
}

static void judge_small(struct stage *s, const char *what)
{
	young_check(&s->young, what, witness_events());
}

static void set_up_small(struct stage *s)
{
	young_need_answers();
	vm_create(&s->vm, 1);
	s->slot = vm_add_memslot(&s->vm, memory_alloc(PAGES), PAGES);
	damon_watch(s->slot->hva, PAGES - 1);
}

static void sample_small(struct stage *s, void (*judge)(struct stage *s, const char *what))
{
	witness_open(&s->witness, &s->vm);
	guest_fill(&s->vm.vcpu[0], s->slot, 0, PAGES, 1);
	/* A page that waits for its list stays "not idle", so the filter need not ask KVM (damon_get_folio()). */
	lru_drain();
	witness_step(&s->witness, "guest writes", &(struct step){ .faulted = PAGES });
	young_init(&s->young, &s->vm.vcpu[0], s->slot);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		young_begin(&s->young);
		if (s->filtered)
			memset(s->filtered, false, PAGES);
		sample(s, "DAMON samples", judge);
		young_check_sptes(&s->young, "DAMON samples");
		young_touch(&s->young, i);
		witness_step(&s->witness, "guest touches some", &(struct step){ 0 });
		young_check_sptes(&s->young, "guest touches some");
	}
	guest_check(&s->vm.vcpu[0], s->slot, 0, PAGES, 1);
}

static void small(void)
{
	struct stage s = { 0 };

	set_up_small(&s);
	sample_small(&s, judge_small);
}

/* A filter goes over all pages, in a pass or more, and takes the bits of those that it finds young. */
static void judge_filtered(struct stage *s, const char *what)
{
	const struct event_list *list = witness_events();

	young_check(&s->young, what, list);
	for (const struct event *e = list->event; e < list->event + list->count; e++)
		if (is_of_slot(s, e) && !strncmp(e->caller, "damos_va_", 9))
			s->filtered[(e->start - (uintptr_t)s->slot->hva) / GUEST_PAGE] = true;
}

static void filtered(void)
{
	bool asked[PAGES] = { false };
	struct stage s = { .filtered = asked };

	set_up_small(&s);
	damon_filter_young();
	sample_small(&s, judge_filtered);
}

/* One spte, one accessed bit: the first that clears it takes it from all pages. */
static void judge_huge(struct stage *s, const char *what)
{
	const struct event_list *list = witness_events();

	for (const struct event *e = list->event; e < list->event + list->count; e++) {
		if (!is_of_slot(s, e))
			continue;
		expect(e->young == (s->young.touched[0] ? YOUNG_YES : YOUNG_NO),
		       "%s: KVM said %s of the huge page to %s, which the guest %s", what,
		       e->young == YOUNG_YES ? "young" : "old", e->caller,
		       s->young.touched[0] ? "had touched" : "had not touched");
		if (e->kind != EVENT_TEST_YOUNG)
			s->young.touched[0] = false;
	}
}

static void watch_huge(void *memory)
{
	struct spte_view view;
	struct stage s = { 0 };

	vm_create(&s.vm, 1);
	s.slot = vm_add_memslot(&s.vm, memory, HUGE_PAGES);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), 0, HUGE_PAGES);
	damon_watch(s.slot->hva, HUGE_PAGES);
	guest_check(&s.vm.vcpu[0], s.slot, 0, HUGE_PAGES, 1);
	if (sptes_read(s.slot, 0, 1, &view) && view.level != 2)
		skip_case("no huge page was to be had, or KVM maps none huge here");
	witness_open(&s.witness, &s.vm);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		s.young.touched[0] = true;
		sample(&s, "DAMON samples a huge page", judge_huge);
		expect(!s.young.touched[0], "DAMON did not clear the accessed bit of the huge spte");
		if (sptes_read(s.slot, 0, 1, &view))
			expect(view.level == 2 && !view.accessed, "the huge spte is level %u, accessed %d",
			       view.level, view.accessed);
		guest_check(&s.vm.vcpu[0], s.slot, 0, 1, 1);
		witness_step(&s.witness, "guest reads a page", &(struct step){ 0 });
	}
}

static void huge(void)
{
	young_need_answers();
	watch_huge(thp_alloc(HUGE_PAGES));
}

static void hugetlb(void)
{
	struct backed memory;

	young_need_answers();
	backing_alloc(&memory, HUGE_PAGES);
	watch_huge(memory.hva);
}

const struct test test = {
	.name = "damon",
	.group = "age",
	.proves = "DAMON finds of a guest's pages in use exactly those that it touched",
	.needs = { .kvm = true, .memory_mib = 64, .files = { DAMON_ADMIN "/kdamonds/nr_kdamonds" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 40,
	.cases = {
		{ "small", small },
		{ "filtered", filtered },
		{ "huge", huge, { .files = { THP_KNOBS "enabled" } } },
		{ "huge", hugetlb, .backings = BACKING_HUGETLB },
	},
};
