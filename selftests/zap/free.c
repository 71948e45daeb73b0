// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host offers pages with MADV_FREE. They lose their sptes at once and their content only
 * when memory is reclaimed; what a guest wrote since must not be among it, however it came to be
 * mapped.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/test.h"

#define PAGES 64
#define FIRST 24
#define COUNT 17
#define WRITTEN 8	/* of those, the first ones, used again: what some MMUs map at once */

static void offer(struct stage *s)
{
	void *start = slot_page(s->slot, FIRST);

	swap_need_none();
	/* A page in a per-CPU batch is on no LRU list, and keeps its content. */
	lru_drain();
	require(!madvise(start, COUNT * GUEST_PAGE, MADV_FREE), "MADV_FREE: %s", strerror(errno));
	witness_step(&s->witness, "MADV_FREE", &(struct step){
		.event = NOTIFY_CLEAR, .hva = start, .pages = COUNT, .zapped = COUNT,
	});
}

/*
 * There is no swap: what is reclaimed is given away. A page that KVM mapped writable since may
 * count as dirty, though the guest only read it: at the zap up to 6.12, at its mapping from 6.13
 * on.
 */
enum fate { GIVEN_AWAY, KEPT, EITHER };

/* `mapped` of the offered pages have sptes. */
static void reclaim(struct stage *s, size_t mapped)
{
	void *start = slot_page(s->slot, FIRST);

	lru_drain();
	/* Older kernels leave a page that was accessed alone the first time. */
	for (int i = 0; i < 2; i++)
		require(!madvise(start, COUNT * GUEST_PAGE, MADV_PAGEOUT), "MADV_PAGEOUT: %s",
			strerror(errno));
	witness_step(&s->witness, "reclaim", &(struct step){
		.event = NOTIFY_CLEAR, .hva = start, .pages = COUNT, .zapped = mapped,
	});
}

static void check_page(struct stage *s, size_t i, enum fate fate, unsigned int version)
{
	const size_t page = FIRST + i;
	const bool kept = pagemap_count_present(slot_page(s->slot, page), 1);
	uint64_t value = 0;

	expect(fate == EITHER || kept == (fate == KEPT), "page %zu is %s after reclaim", page,
	       kept ? "there" : "gone");
	if (kept) {
		guest_check(s->vcpu, s->slot, page, 1, version);
		memory_check("host", s->slot->hva, memory_key(s->slot->tag, version), page, 1);
		return;
	}
	require(!guest_read(s->vcpu, s->slot, page, &value), "the guest cannot read");
	expect(!value, "guest reads %#lx of page %zu, which was given away", value, page);
}

/* The first ones were written, the others met that fate. */
static void check_all(struct stage *s, size_t written, enum fate others)
{
	for (size_t i = 0; i < COUNT; i++)
		check_page(s, i, i < written ? KEPT : others, i < written ? 2 : 1);
	witness_step(&s->witness, "guest reads what is there now", &(struct step){ .faulted = COUNT });
	stage_read_others(s, FIRST, COUNT);
}

static void not_needed(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	offer(&s);
	stage_read(&s, "nobody needed the memory", FIRST, COUNT, 1, COUNT);
	stage_read_others(&s, FIRST, COUNT);
}

static void taken(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	offer(&s);
	reclaim(&s, 0);
	check_all(&s, 0, GIVEN_AWAY);
}

static void taken_while_read(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	offer(&s);
	stage_read(&s, "guest reads what was offered", FIRST, COUNT, 1, COUNT);
	reclaim(&s, COUNT);
	check_all(&s, 0, EITHER);
}

static void written(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	offer(&s);
	stage_write(&s, "guest writes some of them", FIRST, WRITTEN, 2, WRITTEN);
	reclaim(&s, WRITTEN);
	check_all(&s, WRITTEN, GIVEN_AWAY);
}

/* By sptes that were there when it wrote: only they know, until they are zapped. */
static void written_after_read(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	offer(&s);
	stage_read(&s, "guest reads what was offered", FIRST, COUNT, 1, COUNT);
	stage_write(&s, "guest writes some of them", FIRST, WRITTEN, 2, 0);
	reclaim(&s, COUNT);
	check_all(&s, WRITTEN, EITHER);
}

const struct test test = {
	.name = "free",
	.group = "zap",
	.proves = "a page offered by MADV_FREE loses its spte, but not what the guest writes since",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "not-needed", not_needed },
		{ "taken", taken },
		{ "taken-while-read", taken_while_read },
		{ "written", written },
		{ "written-after-read", written_after_read },
	},
};
