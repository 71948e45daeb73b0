// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge pages of a guest that uses one small page of one of them. The kernel asks for a huge page as a whole,
 * and any use of it counts: by a huge spte, or by one of the 512 small ones that KVM has in its place
 * while it logs what is written, or where the memslot's gfns are shifted against its memory. A huge page that was
 * young when reclaim looked last stays.
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
#define SHIFTED_GPA ((256UL << 20) + 67 * GUEST_PAGE)
#define AS_LOGGED "small sptes for another reason than logging"

/* Why KVM has the sptes that it has: huge ones, or small ones while it logs, or as gfns are shifted. */
enum why { PLAIN, LOGGED, SHIFTED };

static struct stage s;
static enum why why;
static bool dirty[PAGES];

/* Of each huge page: used since the kernel asked last, what it heard then, still one page. */
static struct {
	bool used, whole;
	int answer;
	size_t asked;
} seen[HUGE];

static void make_stage(void)
{
	void *memory = thp_alloc(PAGES);

	if (why != SHIFTED) {
		stage_make(&s, memory, PAGES);
		return;
	}
	s.memory.hva = memory;
	vm_create(&s.vm, 1);
	s.vcpu = &s.vm.vcpu[0];
	s.slot = vm_add_memslot_at(&s.vm, 0, SHIFTED_GPA, memory, PAGES);
}

static void set_up(void)
{
	young_need_answers();
	swap_on(SWAP_MIB);
	make_stage();
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
	if (thp_count(s.slot->hva) != PAGES)
		skip_case("the host gave huge pages for %zu of %lu pages only", thp_count(s.slot->hva),
			  PAGES);
	if (why == LOGGED)
		dirty_log_start(s.slot);
	witness_open(&s.witness, &s.vm);
	s.witness.granule = why == PLAIN ? THP_PAGES : 1;
	stage_write(&s, "guest writes", 0, PAGES, 1, PAGES);
	sptes_expect_level(s.slot, 0, PAGES, why == PLAIN ? 2 : 1, "guest writes");
	for (size_t i = 0; i < HUGE; i++)
		seen[i].used = seen[i].whole = true;
}

/* Which small page of it: the last or the first if gfns are shifted, else neither of them. */
static size_t hot_page(unsigned int round)
{
	if (why == SHIFTED)
		return HOT * THP_PAGES + (round % 2 ? THP_PAGES - 1 : 0);
	return HOT * THP_PAGES + 1 + pattern_mix(test_seed + round) % (THP_PAGES - 2);
}

static void use_hot(unsigned int round)
{
	const size_t page = hot_page(round);
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

static void walked(enum why reason)
{
	why = reason;
	mglru_prepare();
	if (!mglru_asks_secondary_mmus())
		skip_case("the multi-generational LRU of this kernel does not ask secondary MMUs");
	set_up();
	age("aging after the guest wrote all");
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		use_hot(round);
		age("aging after the guest read a page");
	}
	age("aging after nothing");
	expect(thp_count(s.slot->hva) == PAGES, "aging split a huge page");
	if (why == LOGGED)
		check_log();
	else
		stage_read(&s, "all read", 0, PAGES, 1, 0);
}

/* From the second round on only the hot one is used. */
static void reclaimed(enum why reason)
{
	size_t spared = 0;

	why = reason;
	cgroup_enter();
	mglru_off();
	set_up();
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
	reclaimed(PLAIN);
}

static void classic_logged(void)
{
	reclaimed(LOGGED);
}

static void classic_shifted(void)
{
	reclaimed(SHIFTED);
}

static void generations(void)
{
	walked(PLAIN);
}

static void generations_logged(void)
{
	walked(LOGGED);
}

static void generations_shifted(void)
{
	walked(SHIFTED);
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
		{ "classic-shifted", classic_shifted, .full = AS_LOGGED },
		{ "generations-shifted", generations_shifted, .full = AS_LOGGED },
	},
};
