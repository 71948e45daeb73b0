// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "lib/btf.h"
#include "lib/check.h"
#include "lib/held-exit.h"
#include "lib/kmsg.h"
#include "lib/mailbox.h"
#include "lib/reaper.h"
#include "lib/sptes.h"

/*
 * 7.x has a function for it, which says CLEAR (zap_vma_for_reaping() in mm/memory.c): memory goes, the
 * VMA does not.
 */
enum notify reaper_says(void)
{
	struct kernel_btf *btf = kernel_btf_open();
	bool clear = btf && btf_parameter(btf, "zap_vma_for_reaping", "vma") >= 0;

	if (btf)
		kernel_btf_close(btf);
	return clear ? NOTIFY_CLEAR : NOTIFY_UNMAP;
}

static bool touches(const struct event *e, const struct memslot *slot)
{
	uint64_t start = (uintptr_t)slot->hva;

	return e->start < start + slot->pages * GUEST_PAGE && e->end > start;
}

void reaper_expect_events(const struct memslot *slot, const char *what)
{
	const struct event_list *list = witness_events();
	const struct event *e, *bad = NULL;
	size_t count = 0;

	for (e = list->event; e < list->event + list->count; e++) {
		if (e->kind != EVENT_START || !touches(e, slot) ||
		    (e->refusable && strstr(e->caller, "reap")))
			continue;
		bad = e;
		count++;
	}
	if (bad)
		expect(false, "%s: %zu invalidations may block or are not the reaper's, the last of %#lx-%#lx by %s",
		       what, count, bad->start, bad->end, bad->caller);
}

void reaper_wait(struct witness *witness, const struct memslot *slot, int kmsg)
{
	const pid_t owner = slot->vm->owner;
	char reaped[64];

	exit_wait_held(owner);
	snprintf(reaped, sizeof(reaped), "oom_reaper: reaped process %d ", owner);
	kmsg_wait(kmsg, reaped);
	witness_step(witness, "reaped", &(struct step){
		.event = reaper_says(), .hva = slot->hva, .pages = slot->pages, .racing = true,
	});
	reaper_expect_events(slot, "reaped");
	sptes_expect(slot, 0, slot->pages, SPTES_NONE, "reaped");
}
