// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel makes a hugetlb page of 1 GiB at run time, and moves what is in its way: alloc_contig_range(), of any
 * memory or of what CMA keeps for such pages and lends to others. Guest pages that are in the way lose their sptes,
 * move, and come back elsewhere.
 *
 * Which range it takes is its affair; but it looks for one in a fixed order, so that the one that it took and gave
 * back is the next one again. The guest's memory is put there in between.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/keeper.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define GIB (512UL * 512)	/* pages of 4 KiB */
#define GIB_KIB (GIB * GUEST_PAGE / 1024)
#define CMA_DRIFT_KIB 4096	/* what counters of CPUs have not told the machine's yet */
#define LEFT_KIB (512UL << 10)	/* of the machine, which is not taken to get at the range */
#define PAGES (8 * THP_PAGES)
#define IDLE 50000		/* iterations of the writing guest between writes */

static struct stage s;
static uint64_t range;		/* its first pfn */

static bool in_the_way[PAGES];
static bool cma;		/* the page of 1 GiB is to be of CMA, kept for such pages by hugetlb_cma= */

static bool is_in_range(const struct page_state *state)
{
	return state->present && state->pfn >= range && state->pfn < range + GIB;
}

/* How many of the guest's pages are in the range; and which. */
static size_t find_in_range(void)
{
	static struct page_state state[PAGES];
	size_t count = 0;

	pagemap_read(s.slot->hva, state, PAGES);
	for (size_t i = 0; i < PAGES; i++) {
		in_the_way[i] = is_in_range(&state[i]);
		count += in_the_way[i];
	}
	return count;
}

static bool is_cma_asked_for(void)
{
	char *text = sysfile_load("/proc/cmdline", NULL);
	bool asked = text && strstr(text, "hugetlb_cma=");

	free(text);
	return asked;
}

static void need_cma(void)
{
	uint64_t kib;

	if (!sysfile_key_u64("/proc/meminfo", "CmaTotal:", &kib))
		skip_case("kernel without CMA (CONFIG_CMA)");
	if (!is_cma_asked_for())
		skip_case("no CMA is kept for pages of 1 GiB: the kernel was started without hugetlb_cma=1G");
	if (kib < GIB_KIB)
		skip_case("hugetlb_cma= is given, but the kernel found no free GiB for it at boot: it has %lu MiB of CMA",
			  kib >> 10);
}

/* The kernel takes such a page from elsewhere where CMA refuses. All of CMA is in use by it, as one page is all of it. */
static void need_page_of_cma(void)
{
	uint64_t total = 0, unused = 0, used;

	sysfile_key_u64("/proc/meminfo", "CmaTotal:", &total);
	sysfile_key_u64("/proc/meminfo", "CmaFree:", &unused);
	used = total - unused;
	if (used + CMA_DRIFT_KIB < GIB_KIB)
		skip_case("the page of 1 GiB is not of CMA, of which %lu MiB are in use", used >> 10);
}

/* A huge page is made there; is it one of the range? */
static bool take(char *memory)
{
	struct page_state state;

	*memory = 1;
	pagemap_read(memory, &state, 1);
	return is_in_range(&state);
}

/* Of this memory, huge pages for the guest, some of them in the range: it is touched until the kernel gives of it. */
static void *take_in_range(char *memory, size_t pages)
{
	for (size_t first = 0; first < pages; first += PAGES) {
		char *at = memory + first * GUEST_PAGE;
		size_t found = 0;

		for (size_t page = 0; page < PAGES; page += THP_PAGES)
			found += take(at + page * GUEST_PAGE);
		if (!found)
			continue;
		munmap(memory, first * GUEST_PAGE);
		munmap(at + PAGES * GUEST_PAGE, (pages - first - PAGES) * GUEST_PAGE);
		return at;
	}
	skip_case("of %zu MiB none were in the range of a page of 1 GiB", pages / 256);
}

/* What cannot move is there before the range is given back, so that it comes from elsewhere. */
static void set_up(void)
{
	const unsigned int mark = keeper_mark();
	size_t most;
	void *memory;

	if (cma)
		need_cma();
	hugetlb_reserve(GIB, 1);
	if (cma)
		need_page_of_cma();
	range = hugetlb_find(GIB);
	most = (memory_available_kib() + GIB_KIB - LEFT_KIB) / 4 / PAGES * PAGES;
	memory = thp_alloc(most);
	vm_create(&s.vm, 1);
	s.vcpu = &s.vm.vcpu[0];
	witness_open(&s.witness, &s.vm);
	keeper_undo(mark);
	s.slot = vm_add_memslot(&s.vm, take_in_range(memory, most), PAGES);
	guest_fill(s.vcpu, s.slot, 0, PAGES, 1);
	lru_drain();
	witness_step(&s.witness, "guest writes", &(struct step){ .racing = true });
	require(find_in_range(), "the guest's pages left the range of a page of 1 GiB by themselves");
}

/* False: it took another range. */
static bool make_room(void)
{
	hugetlb_reserve(GIB, 1);
	return hugetlb_find(GIB) == range;
}

/* The guest's own code and stack may have been in the way as well, so that counters are not asked. */
static void at_rest(void)
{
	const char *what = "a page of 1 GiB is made";

	set_up();
	if (!make_room())
		skip_case("the kernel made room for a page of 1 GiB elsewhere");
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .only = in_the_way, .racing = true,
	});
	sptes_check(&s.vm, what, true);
	sptes_expect_only(s.slot, 0, PAGES, in_the_way, SPTES_NONE, what);
	expect(!find_in_range(), "%s: pages of the guest are still in its range", what);
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads what moved", &(struct step){ .racing = true });
	sptes_check(&s.vm, "guest reads what moved", true);
	guest_fill(s.vcpu, s.slot, 0, PAGES, 2);
	witness_step(&s.witness, "guest writes what moved", &(struct step){ .racing = true });
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 2), 0, PAGES);
}

static void written(void)
{
	int result;
	bool made;

	set_up();
	guest_spin_write_start(s.vcpu, s.slot, 0, PAGES, IDLE);
	require(guest_spin_wait(s.vcpu), "the guest stands still");
	made = make_room();
	require(guest_spin_wait(s.vcpu), "the guest stands still after a page of 1 GiB was made");
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&s.witness, "a page of 1 GiB is made under a writing guest", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .racing = true, .partial = true,
	});
	guest_spin_expect_written(s.vcpu, s.slot);
	if (!made)
		skip_case("the kernel made no page of 1 GiB where the guest wrote");
	expect(!find_in_range(), "pages of the guest are in the range of a page of 1 GiB");
}

static void cma_at_rest(void)
{
	cma = true;
	at_rest();
}

static void cma_written(void)
{
	cma = true;
	written();
}

const struct test test = {
	.name = "contig",
	.group = "migrate",
	.proves = "guest pages that are in the way of a page of 1 GiB move, each without its spte",
	.needs = { .kvm = true, .memory_mib = 2500 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.full = "needs a machine of 6 GiB (MEMORY=6144), of which the kernel keeps 1 GiB for the cases of CMA (APPEND=hugetlb_cma=1G)",
	.cases = {
		{ "at-rest", at_rest, { .memory_mib = 4500 } },
		{ "written", written, { .memory_mib = 4500, .cpus = 2 } },
		{ "cma-at-rest", cma_at_rest },
		{ "cma-written", cma_written, { .cpus = 2 } },
	},
};
