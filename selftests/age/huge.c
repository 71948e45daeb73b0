// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge pages of a guest that uses one small page of one of them. The kernel asks for a huge page as a whole,
 * and any use of it counts: by a huge spte, or by one of the 512 small ones that KVM has in its place
 * while it logs what is written. A huge page that was young when reclaim looked last stays.
 */
#include <string.h>

#include "lib/age.h"
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/dirty-log.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/young.h"

#define HUGE 2		/* huge pages */
#define COLD 0
#define HOT 1		/* the one that the guest goes on using */
#define PAGES (HUGE * THP_PAGES)
#define SIZE (THP_PAGES * GUEST_PAGE)
#define SWAP_MIB 32
#define ROUNDS 2
#define ROUNDS_MAX 40

static struct stage s;
static bool dirty[PAGES];

/* Of each huge page: used since the kernel asked last, what it heard then, still one page. */
static struct {
	bool used, whole;
	int answer;
	size_t asked;
} seen[HUGE];

static void set_up(bool logged)
{
	young_need_answers();
	swap_on(SWAP_MIB);
	stage_make(&s, thp_alloc(PAGES), PAGES);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
	if (thp_count(s.slot->hva) != PAGES)
		skip_case("the host gave huge pages for %zu of %lu pages only", thp_count(s.slot->hva),
			  PAGES);
	if (logged)
		dirty_log_start(s.slot);
	witness_open(&s.witness, &s.vm);
	s.witness.granule = logged ? 1 : THP_PAGES;
	stage_write(&s, "guest writes", 0, PAGES, 1, PAGES);
	sptes_expect_level(s.slot, 0, PAGES, logged ? 1 : 2, "guest writes");
	for (size_t i = 0; i < HUGE; i++)
		seen[i].used = seen[i].whole = true;
}

/* Neither the first nor the last small page. */
static void use_hot(unsigned int round)
{
	const size_t page = HOT * THP_PAGES + 1 + pattern_mix(test_seed + round) % (THP_PAGES - 2);
	uint64_t value;

	require(!guest_read(s.vcpu, s.slot, page, &value), "the guest cannot read");
	witness_step(&s.witness, "guest reads a page of a huge one", &(struct step){ 0 });
	seen[HOT].used = true;
}

static void see_question(const char *what, size_t i, const struct event *e)
{
	expect(e->young == (seen[i].used ? YOUNG_YES : YOUNG_NO),
	       "%s: KVM said %s of huge page %zu to %s, which the guest %s", what,
	       e->young == YOUNG_YES ? "young" : "old", i, e->caller,
	       seen[i].used ? "had used" : "had not used");
	if (e->kind != EVENT_TEST_YOUNG)
		seen[i].used = false;
	seen[i].answer = e->young;
	seen[i].asked++;
}

static void see(const char *what, const struct event *e)
{
	const uint64_t base = (uintptr_t)s.slot->hva;
	const size_t i = (e->start - base) / SIZE;

	if (e->start < base || i >= HUGE || !seen[i].whole)
		return;
	if (e->kind >= EVENT_CLEAR_FLUSH_YOUNG && e->kind <= EVENT_TEST_YOUNG)
		return see_question(what, i, e);
	if (e->kind != EVENT_START)
		return;
	expect(seen[i].answer == YOUNG_NO, "%s: huge page %zu, %s, is taken", what, i,
	       seen[i].answer == YOUNG_YES ? "which was young" : "of which nobody asked");
	seen[i].whole = false;
}

static void judge(const char *what, const struct step *step)
{
	const struct event_list *list;

	for (size_t i = 0; i < HUGE; i++)
		seen[i].answer = seen[i].asked = 0;
	witness_step(&s.witness, what, step);
	list = witness_events();
	for (size_t i = 0; i < list->count; i++)
		see(what, &list->event[i]);
}

/* What the guest writes after all that is in the log, and nothing else is. */
static void check_log(void)
{
	const size_t first = HOT * THP_PAGES + 100, count = 16;
	size_t wrong = 0;

	dirty_log_read(s.slot, dirty);
	guest_fill(s.vcpu, s.slot, first, count, 2);
	witness_step(&s.witness, "guest writes some", &(struct step){ .racing = true });
	dirty_log_read(s.slot, dirty);
	for (size_t page = 0; page < PAGES; page++)
		wrong += dirty[page] != (page >= first && page < first + count);
	expect(!wrong, "after aging the log is wrong about %zu pages", wrong);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 2), first, count);
}

static void age(const char *what)
{
	mglru_age();
	judge(what, &(struct step){ 0 });
	for (size_t i = 0; i < HUGE; i++)
		expect(seen[i].asked, "%s: nobody asked for huge page %zu", what, i);
}

static void walked(bool logged)
{
	mglru_prepare();
	if (!mglru_asks_secondary_mmus())
		skip_case("the multi-generational LRU of this kernel does not ask secondary MMUs");
	set_up(logged);
	age("aging after the guest wrote all");
	for (unsigned int round = 0; round < ROUNDS; round++) {
		use_hot(round);
		age("aging after the guest read a page");
	}
	age("aging after nothing");
	expect(thp_count(s.slot->hva) == PAGES, "aging split a huge page");
	if (logged)
		check_log();
	else
		stage_read(&s, "all read", 0, PAGES, 1, 0);
}

/* From the second round on only the hot one is used. */
static void reclaimed(bool logged)
{
	size_t spared = 0;

	cgroup_enter();
	mglru_off();
	set_up(logged);
	for (int i = 0; i < ROUNDS_MAX && (!spared || seen[COLD].whole); i++) {
		if (i && seen[HOT].whole)
			use_hot(i);
		swap_out_some_by_cgroup(THP_PAGES / 2);
		judge("memory.reclaim", &(struct step){
			.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .racing = true,
			.partial = true,
		});
		spared += i && seen[HOT].asked;
	}
	expect(spared, "nobody asked for the huge page in use");
	expect(!seen[COLD].whole, "the huge page that nobody uses is not taken");
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
}

static void classic(void)
{
	reclaimed(false);
}

static void classic_logged(void)
{
	reclaimed(true);
}

static void generations(void)
{
	walked(false);
}

static void generations_logged(void)
{
	walked(true);
}

const struct test test = {
	.name = "huge",
	.group = "age",
	.proves = "any use of a huge page counts, by huge and small sptes, and reclaim heeds it",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64, .files = { THP_KNOBS "enabled" } },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 40,
	.cases = {
		{ "classic", classic },
		{ "classic-logged", classic_logged },
		{ "generations", generations },
		{ "generations-logged", generations_logged },
	},
};
