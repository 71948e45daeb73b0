// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's memory is of folios smaller than 2 MiB, which the host maps by small ptes and KVM by small sptes. What
 * the host does to a part of a folio takes that part's sptes only, unless the folio is split or moves: that takes all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/collapse.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/thp.h"

/*
 * Two folios of 1 MiB, or more of a smaller size, which lie around a boundary of 2 MiB: they are no place for a
 * huge page.
 */
#define PAGES THP_PAGES
#define BEFORE (PAGES / 2)	/* pages of the mapping that are not the guest's */
#define KIB(size) ((size) / 4UL)

static struct stage s;
static size_t folio;		/* pages of one */

/* The first page of the last folio, to which most is done, and the middle half of its pages. */
static size_t last, part, count;

static bool is_of_folio(const struct page_state *state, size_t place)
{
	return state->present && state->head == !place && state->tail == !!place &&
	       state->pfn == state[-(ptrdiff_t)place].pfn + place;
}

static bool is_of_folios(const void *memory)
{
	struct page_state state[PAGES];

	pagemap_read(memory, state, PAGES);
	for (size_t i = 0; i < PAGES; i++)
		if (!is_of_folio(&state[i], i % folio))
			return false;
	return true;
}

static void set_up(size_t size)
{
	char knob[96], *memory;

	folio = size;
	last = PAGES - folio;
	part = last + folio / 4;
	count = folio / 2;
	snprintf(knob, sizeof(knob), THP_KNOBS "hugepages-%zukB/enabled", folio * 4);
	if (!sysfile_exists(knob))
		skip_case("no %s", knob);
	thp_prepare();
	knob_set(knob, "madvise");
	memory = (char *)memory_alloc(2 * PAGES) + BEFORE * GUEST_PAGE;
	collapse_allow(memory, PAGES);
	memset(memory, 1, PAGES * GUEST_PAGE);
	if (!is_of_folios(memory))
		skip_case("the host gave no folios of %zu KiB", folio * 4);
	stage_set_over(&s, memory, PAGES, 1);
	sptes_expect_level(s.slot, 0, PAGES, 1, "guest writes");
	lru_drain();
}

/* The guest writes the first word, the host looks at the others. */
static void expect_empty(size_t first, size_t number)
{
	const uint64_t *words = slot_page(s.slot, first);
	size_t wrong = 0;

	require(!guest_write_each(s.vcpu, s.slot, first, number, 0), "the guest cannot write");
	for (size_t i = 0; i < number * GUEST_WORDS; i++)
		wrong += !!words[i];
	expect(!wrong, "%zu words of pages that were dropped are not empty", wrong);
	witness_step(&s.witness, "guest writes to what is new", &(struct step){ .faulted = number });
}

static void drop_part(void)
{
	const char *what = "MADV_DONTNEED of a part of a folio";

	require(!madvise(slot_page(s.slot, part), count * GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, part), .pages = count, .zapped = count,
	});
	sptes_expect(s.slot, part, count, SPTES_NONE, what);
	stage_read_others(&s, part, count);
	expect_empty(part, count);
	stage_write(&s, "guest writes what is new", part, count, 1, 0);
}

static void unmap_part(void)
{
	require(!munmap(slot_page(s.slot, part), count * GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap of a part of a folio", &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot_page(s.slot, part), .pages = count, .zapped = count,
	});
	stage_read_others(&s, part, count);
	stage_expect_gone(&s, part, count);
}

/* The pages stay where they are, each on its own. */
static void split_last(void)
{
	static struct page_state before[PAGES], after[PAGES];

	pagemap_read(s.slot->hva, before, PAGES);
	thp_split(slot_page(s.slot, last), folio);
	witness_step(&s.witness, "a folio is split", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, last), .pages = folio, .zapped = folio,
	});
	pagemap_read(s.slot->hva, after, PAGES);
	for (size_t i = 0; i < PAGES; i++)
		expect(after[i].pfn == before[i].pfn && (after[i].head || after[i].tail) == (i < last),
		       "page %zu is of a %s folio after the last one was split", i,
		       after[i].head || after[i].tail ? "large" : "small");
	stage_read(&s, "guest reads the others", 0, last, 1, 0);
	stage_read(&s, "guest reads what was split", last, folio, 1, folio);
}

static void tell_story(size_t size)
{
	set_up(size);
	split_last();
	last -= folio;
	part -= folio;
	drop_part();
	unmap_part();
}

static void move_last(size_t size)
{
	const char *what = "move_pages of one page of a folio";
	int node[2];

	set_up(size);
	numa_nodes(node);
	numa_move_pages(slot_page(s.slot, part), 1, node[1]);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, last), .pages = folio, .zapped = folio,
	});
	stage_read(&s, "guest reads the others", 0, last, 1, 0);
	stage_read(&s, "guest reads what moved", last, folio, 1, folio);
	numa_expect(slot_page(s.slot, last), folio, node[1], what);
	expect(is_of_folios(s.slot->hva), "the folio did not move as one");
}

static void of_16k(void)
{
	tell_story(KIB(16));
}

static void of_32k(void)
{
	tell_story(KIB(32));
}

static void of_64k(void)
{
	tell_story(KIB(64));
}

static void of_128k(void)
{
	tell_story(KIB(128));
}

static void of_256k(void)
{
	tell_story(KIB(256));
}

static void of_512k(void)
{
	tell_story(KIB(512));
}

static void of_1m(void)
{
	tell_story(KIB(1024));
}

static void moved_64k(void)
{
	move_last(KIB(64));
}

static void moved_1m(void)
{
	move_last(KIB(1024));
}

#define SIMILAR "tells of another size what 64k tells"
#define STORY .needs.files = { THP_SPLIT }

const struct test test = {
	.name = "mthp",
	.group = "thp",
	.proves = "pages of one folio of 16 KiB to 1 MiB lose their sptes one by one, or together if it is split or moves",
	.needs = { .kvm = true, .memory_mib = 32, .files = { THP_KNOBS "hugepages-64kB/enabled" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "64k", of_64k, STORY },
		{ "16k", of_16k, STORY, .full = SIMILAR },
		{ "32k", of_32k, STORY, .full = SIMILAR },
		{ "128k", of_128k, STORY, .full = SIMILAR },
		{ "256k", of_256k, STORY, .full = SIMILAR },
		{ "512k", of_512k, STORY, .full = SIMILAR },
		{ "1m", of_1m, STORY, .full = SIMILAR },
		{ "moved-64k", moved_64k, { .nodes = 2 } },
		{ "moved-1m", moved_1m, { .nodes = 2 }, .full = SIMILAR },
	},
};
