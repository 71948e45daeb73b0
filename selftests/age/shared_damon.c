// SPDX-License-Identifier: GPL-2.0-only
/*
 * DAMON looks at a file that is memory of two processes with a VM each. By the addresses of one process it leaves
 * the other's accessed bits alone; by page frames it takes those of both, and a page is in use that either
 * guest touches.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/age.h"
#include "lib/backing.h"
#include "lib/check.h"
#include "lib/damon.h"
#include "lib/pagemap.h"
#include "lib/test.h"
#include "lib/witness.h"
#include "lib/young-pair.h"

#define PAGES YOUNG_PAGES
#define ROUNDS_MAX 100
#define FRAMES 24	/* that are watched */
#define BOTH (1u << PAIR_A | 1u << PAIR_B)

/* The events are read while it is off: it may ask faster than can be read. */
static const struct event_list *sample(const char *what)
{
	damon_start();
	usleep(60000);
	damon_stop();
	young_pair_step(what);
	return witness_events();
}

/* DAMON asks for a page from an address inside it on, so into the next one: the last page is not watched. */
static void one_process(void)
{
	const struct event_list *list;
	size_t asked = 0;

	young_pair_make();
	damon_watch(young_pair_slot()->hva, PAGES - 1);
	for (int i = 0; i < ROUNDS_MAX && asked < PAGES / 4; i++) {
		list = sample("DAMON looks at A");
		young_pair_judge("DAMON looks at A");
		for (const struct event *e = list->event; e < list->event + list->count; e++) {
			if (!young_pair_is_question(e))
				continue;
			expect(young_pair_side(e) == PAIR_A, "B was asked for page %zu by %s",
			       young_pair_page(e), e->caller);
			asked++;
		}
	}
	expect(asked >= PAGES / 4, "DAMON asked %zu times only", asked);
	young_pair_check("DAMON looked at A");
	young_pair_check_data();
}

static int compare_frames(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Some of the file's, none beside another. */
static size_t choose_frames(uint64_t frames[FRAMES])
{
	struct page_state state[PAGES];
	uint64_t pfn[PAGES];
	size_t n = 0;

	pagemap_read(young_pair_slot()->hva, state, PAGES);
	for (size_t page = 0; page < PAGES; page++)
		pfn[page] = state[page].pfn;
	qsort(pfn, PAGES, sizeof(*pfn), compare_frames);
	for (size_t i = 0; i < PAGES && n < FRAMES; i++)
		if (!n || pfn[i] > frames[n - 1] + 1)
			frames[n++] = pfn[i];
	return n;
}

/*
 * Of one step: how often the bit was taken from each process; and who said no in a search for a user of the page
 * since, where all of both ends it.
 */
static struct {
	size_t cleared[2];
	unsigned int no;
} frame[PAGES];

static void see(const struct event *e, size_t found[2])
{
	const unsigned int side = young_pair_side(e);
	const size_t page = young_pair_page(e);

	if (!young_pair_is_question(e))
		return;
	if (e->kind == EVENT_CLEAR_YOUNG) {
		expect(!frame[page].no || frame[page].no == BOTH, "page %zu counts as unused, one was asked only",
		       page);
		frame[page].cleared[side]++;
		frame[page].no = 0;
	} else if (e->young == YOUNG_YES) {
		found[side]++;
		frame[page].no = BOTH;
	} else {
		frame[page].no |= 1u << side;
	}
}

static void judge(const struct event_list *list, size_t found[2])
{
	memset(frame, 0, sizeof(frame));
	for (size_t i = 0; i < list->count; i++)
		see(&list->event[i], found);
	for (size_t page = 0; page < PAGES; page++) {
		expect(frame[page].cleared[PAIR_A] == frame[page].cleared[PAIR_B],
		       "page %zu: its bit was taken %zu times from A, %zu times from B", page,
		       frame[page].cleared[PAIR_A], frame[page].cleared[PAIR_B]);
		expect(!frame[page].no || frame[page].no == BOTH, "page %zu counts as unused, one was asked only",
		       page);
		if (frame[page].cleared[PAIR_A])
			young_pair_of(PAIR_A)->touched[page] = false;
	}
}

/* A's guest rests, B's reads all the time. */
static void by_frame(void)
{
	size_t count, found[2] = { 0, 0 };
	uint64_t frames[FRAMES] = { 0 };

	young_pair_make();
	count = choose_frames(frames);
	damon_watch_frames(frames, count);
	young_pair_touch_on();
	for (int i = 0; i < ROUNDS_MAX && found[PAIR_B] < FRAMES; i++)
		judge(sample("DAMON looks at frames"), found);
	young_pair_stop();
	expect(!found[PAIR_A], "A's guest, which rests, was found to use pages %zu times", found[PAIR_A]);
	expect(found[PAIR_B] >= FRAMES, "B's guest was found to use pages %zu times only", found[PAIR_B]);
	young_pair_check_a("DAMON looked at frames");
	young_pair_check_data();
}

const struct test test = {
	.name = "shared_damon",
	.group = "age",
	.proves = "DAMON finds a page of two guests in use if either uses it, and ages the one or both",
	.needs = { .kvm = true, .memory_mib = 64, .files = { DAMON_ADMIN "/kdamonds/nr_kdamonds" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 60,
	.cases = {
		{ "one-process", one_process, .backings = BACKING_MEMFD },
		{ "by-frame", by_frame, { .cpus = 2 }, .backings = BACKING_MEMFD },
	},
};
