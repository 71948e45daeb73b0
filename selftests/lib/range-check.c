// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lib/callers.h"
#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/range-check.h"

static bool overlaps(const struct event *e, uint64_t start, uint64_t end)
{
	return e->start < end && e->end > start;
}

/* The first data memslot that the event touches; slot 0 is the system's. */
static const struct memslot *touched_slot(const struct vm *vm, const struct event *e)
{
	unsigned int i;

	for (i = 1; i < vm->slot_count; i++)
		if (overlaps(e, (uintptr_t)vm->slot[i].hva,
			     (uintptr_t)vm->slot[i].hva + vm->slot[i].pages * GUEST_PAGE))
			return &vm->slot[i];
	return NULL;
}

/* Does the event touch a page of the step that it must leave alone? */
static bool touches_others(const struct step *step, const struct event *e)
{
	uint64_t hva;
	size_t page;

	for (page = 0; step->only && page < step->pages; page++) {
		hva = (uintptr_t)step->hva + page * GUEST_PAGE;
		if (!step->only[page] && overlaps(e, hva, hva + GUEST_PAGE))
			return true;
	}
	return false;
}

static void check_ranges(const struct vm *vm, const char *what, const struct step *step,
			 const struct event_list *list)
{
	uint64_t start = step->whole ? 0 : (uintptr_t)step->hva;
	uint64_t end = step->whole ? UINT64_MAX : start + step->pages * GUEST_PAGE;
	const struct memslot *slot;
	const struct event *e;

	for (e = list->event; e < list->event + list->count; e++) {
		if (e->kind != EVENT_START)
			continue;
		slot = touched_slot(vm, e);
		if (!slot)
			continue;
		if (!expect(step->event != NOTIFY_NONE,
			    "%s: %s invalidated %#lx-%#lx (%s) of memslot %u, expected nothing", what,
			    e->caller, e->start, e->end, notify_name(e->notify), slot->id))
			continue;
		expect(e->start >= start && e->end <= end && !touches_others(step, e),
		       "%s: %s invalidated %#lx-%#lx, more than it had to of %#lx-%#lx", what, e->caller, e->start,
		       e->end, start, end);
		expect(e->notify == step->event || (step->also && e->notify == step->also),
		       "%s: %s said %s for %#lx-%#lx, expected %s", what, e->caller,
		       notify_name(e->notify), e->start, e->end, notify_name(step->event));
	}
}

/* Of compiled functions: NAME+OFFSET, NAME.part.0+OFFSET and the like. */
static bool is_by(const struct event *e, const char *function)
{
	const size_t length = strlen(function);

	return !strncmp(e->caller, function, length) &&
	       (e->caller[length] == '+' || e->caller[length] == '.');
}

static bool is_covered(const struct event_list *list, enum event_kind kind, enum notify notify,
		       const char *by, uint64_t hva)
{
	const struct event *e;

	for (e = list->event; e < list->event + list->count; e++)
		if (e->kind == kind && (notify == NOTIFY_NONE || e->notify == notify) &&
		    (!by || is_by(e, by)) &&
		    e->start <= hva && e->end >= hva + GUEST_PAGE)
			return true;
	return false;
}

static void check_coverage(const char *what, const struct step *step, const struct event_list *list,
			   enum event_kind kind, enum notify notify, const char *by, const char *who)
{
	size_t page, bad = 0, first = 0;

	for (page = 0; page < step->pages; page++)
		if ((!step->only || step->only[page]) &&
		    !is_covered(list, kind, notify, by, (uintptr_t)step->hva + page * GUEST_PAGE) && !bad++)
			first = page;
	expect(!bad, "%s: %zu of %zu pages were not in a range of %s%s%s, first of them page %zu",
	       what, bad, step->pages, who, notify == NOTIFY_NONE ? "" : " ",
	       notify == NOTIFY_NONE ? "" : notify_name(notify), first);
}

/* Only what reaches guest memory exercises a call site: every write after a fork comes by one. */
static void note_callers(const struct vm *vm, const struct event_list *list)
{
	const struct event *e;

	for (e = list->event; e < list->event + list->count; e++)
		if (touched_slot(vm, e))
			callers_note(e);
}

void range_check(const struct vm *vm, const char *what, const struct step *step,
		 const struct event_list *list)
{
	note_callers(vm, list);
	check_ranges(vm, what, step, list);
	if (step->event == NOTIFY_NONE || step->partial)
		return;
	check_coverage(what, step, list, EVENT_START, step->event, NULL, "an invalidation");
	if (step->by)
		check_coverage(what, step, list, EVENT_START, step->event, step->by, step->by);
	if (events_have(EVENT_KVM_UNMAP))
		check_coverage(what, step, list, EVENT_KVM_UNMAP, NOTIFY_NONE, NULL, "kvm_unmap_hva_range");
}
