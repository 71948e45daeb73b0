// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/balance.h"
#include "lib/check.h"
#include "lib/failing-act.h"
#include "lib/fault-injection.h"
#include "lib/guest.h"
#include "lib/keeper.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"

/* More than any act here allocates: it is one that never gets through. */
#define ATTEMPTS_MAX 1000

/* Of all attempts. */
struct tally {
	unsigned int told;	/* an allocation failed and memory of the memslot was invalidated */
	unsigned int inside;	/* the one between start and end of the other */
};

struct attempt {
	struct stage *s;
	const struct failing_act *act;
	unsigned int version;	/* of all pages when it begins */
	uint64_t pages;		/* that leaf sptes map then */
	char what[96];
	struct tally tally;
};

/*
 * How much of it happened before the failure is the kernel's affair, and not counted; which pages, and for
 * which reason, is not.
 */
static void step(const struct attempt *a, const char *what, enum notify event, enum notify also,
		 size_t first, size_t count)
{
	witness_step(&a->s->witness, what, &(struct step){
		.event = event, .also = also, .hva = slot_page(a->s->slot, first), .pages = count,
		.racing = true, .partial = true,
	});
}

/* At once, and not at the end of the case: the guest would wait for the end of what was begun. */
static void check_ended(struct attempt *a)
{
	const struct event_list *events = witness_events();
	const pid_t task = a->act->thread ? a->act->thread : gettid();
	const uint64_t from = (uintptr_t)a->s->slot->hva, to = from + a->s->slot->pages * GUEST_PAGE;
	struct balance balance = { 0 };
	bool failed = false, told = false;
	const struct event *open;
	char why[256];

	for (const struct event *e = events->event; e < events->event + events->count; e++) {
		expect(balance_event(&balance, e, why, sizeof(why)), "%s: %s", a->what, why);
		told |= e->kind == EVENT_START && e->start < to && e->end > from;
		if (e->kind != EVENT_INJECTED || e->task != task)
			continue;
		failed = true;
		a->tally.inside += balance_is_inside(&balance, task, from, to);
	}
	a->tally.told += failed && told;
	open = balance_unended(&balance);
	require(!open, "%s: the invalidation of %#lx-%#lx by %s is not ended", a->what, open->start,
		open->end, open->caller);
}

static void check_pages(const struct attempt *a, size_t first, size_t count)
{
	const struct memslot *slot = a->s->slot;

	if (!count)
		return;
	guest_check(a->s->vcpu, slot, first, count, a->version);
	memory_check("host", slot->hva, memory_key(slot->tag, a->version), first, count);
}

static void check_kept(const struct attempt *a)
{
	const size_t first = a->act->first, end = first + a->act->count, pages = a->s->slot->pages;

	if (a->act->hides || a->act->empties) {
		check_pages(a, 0, first);
		check_pages(a, end, pages - end);
	} else {
		check_pages(a, 0, pages);
	}
	step(a, "all read what was there", NOTIFY_NONE, NOTIFY_NONE, 0, 0);
}

/* What the act hid is as it was, or empty where it may be. */
static void check_returned(const struct attempt *a)
{
	const struct memslot *slot = a->s->slot;
	const uint64_t key = memory_key(slot->tag, a->version);

	if (!a->act->hides && !a->act->empties)
		return;
	for (size_t page = a->act->first; page < a->act->first + a->act->count; page++) {
		const uint64_t *words = slot_page(slot, page);
		bool empty = a->act->empties && !words[0], same = true;

		for (size_t w = 0; w < GUEST_WORDS; w++)
			same = same && words[w] == (empty ? 0 : pattern_word(key, page, w));
		expect(same, "%s: page %zu is not as it was%s", a->what, page,
		       a->act->empties ? ", nor empty" : "");
	}
}

static void expect_error(const struct attempt *a, int err, bool failed)
{
	expect(!err || (failed && (err == -ENOMEM || err == -a->act->other)), "%s: %s", a->what,
	       strerror(-err));
}

static void write_again(const struct attempt *a)
{
	const struct memslot *slot = a->s->slot;
	uint64_t pages;

	if (a->act->undo)
		a->act->undo(a->version);
	check_returned(a);
	require(!guest_fill(a->s->vcpu, slot, 0, slot->pages, a->version + 1),
		"%s: the guest cannot write after it", a->what);
	step(a, "guest writes all again", NOTIFY_CLEAR, a->act->undone, 0, slot->pages);
	sptes_expect(slot, 0, slot->pages, SPTES_WRITABLE, a->what);
	memory_check("host", slot->hva, memory_key(slot->tag, a->version + 1), 0, slot->pages);
	if (vm_pages(&a->s->vm, &pages))
		expect(pages == a->pages, "%s: leaf sptes map %lu pages, %lu before it", a->what, pages,
		       a->pages);
}

/* True: an allocation has failed. */
static bool try_once(struct attempt *a, unsigned int n)
{
	const struct failing_act *act = a->act;
	unsigned int mark = keeper_mark();
	bool failed;
	int err;

	if (act->prepare) {
		act->prepare(a->version);
		step(a, "all is prepared", act->prepared, NOTIFY_CLEAR, 0, a->s->slot->pages);
	}
	lru_drain();
	fault_injection_arm(act->thread, n);
	err = act->run(a->version);
	failed = fault_injection_disarm();
	if (act->count && !act->wide)
		step(a, a->what, act->event, act->also, act->first, act->count);
	else
		step(a, a->what, act->event, act->also, 0, a->s->slot->pages);
	check_ended(a);
	expect_error(a, err, failed);
	check_kept(a);
	write_again(a);
	keeper_undo(mark);
	return failed;
}

void failing_act_try(struct stage *s, const struct failing_act *act)
{
	struct attempt a = { .s = s, .act = act, .version = 1 };
	unsigned int n = 1;
	bool failed;

	vm_pages(&s->vm, &a.pages);
	fault_injection_prepare();
	do {
		snprintf(a.what, sizeof(a.what), "%s, allocation %u fails", act->what, n);
		failed = try_once(&a, n);
		require(!check_failed(), "%s: no further attempt", a.what);
		a.version++;
		n++;
	} while (failed && n <= ATTEMPTS_MAX);
	expect(!failed, "%s does not succeed with %d allocations", act->what, ATTEMPTS_MAX);
	expect(n > 2, "%s allocates nothing", act->what);
	diag("%s: %u allocations failed, one at a time", act->what, n - 2);
	if (!events_have(EVENT_INJECTED)) {
		diag("%s: where they failed cannot be seen", act->what);
		return;
	}
	if (act->inside)
		expect(a.tally.inside, "%s: no allocation failed in the middle of an invalidation", act->what);
	diag("%s: %u of these acts invalidated memory, %u had begun to", act->what, a.tally.told,
	     a.tally.inside);
}
