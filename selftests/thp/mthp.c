// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's memory is of folios of 64 KiB, which the host maps by small ptes and KVM by small sptes. What the
 * host does to one page of a folio takes that page's spte only, unless the folio moves, which it does whole.
 */
#include <errno.h>
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
#include "lib/test.h"
#include "lib/thp.h"

#define FOLIO 16UL		/* pages of 64 KiB */
#define PAGES (4 * FOLIO)
#define PART (FOLIO + 8)	/* of the second folio: a window of kvm_probe_prefetch() */
#define COUNT 8UL
#define KNOB THP_KNOBS "hugepages-64kB/enabled"

/* Page frames in a row, the first of each folio aligned to its size. */
static bool is_of_folios(const void *memory)
{
	struct page_state state[PAGES];

	pagemap_read(memory, state, PAGES);
	for (size_t i = 0; i < PAGES; i++)
		if (!state[i].present || state[i].pfn % FOLIO != i % FOLIO)
			return false;
	return true;
}

static void set_up(struct stage *s)
{
	thp_prepare();
	knob_set(KNOB, "madvise");
	s->memory.hva = memory_alloc(PAGES);
	collapse_allow(s->memory.hva, PAGES);
	memset(s->memory.hva, 1, PAGES * GUEST_PAGE);
	if (!is_of_folios(s->memory.hva))
		skip_case("the host gave no folios of 64 KiB");
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, s->memory.hva, PAGES);
	witness_open(&s->witness, &s->vm);
	stage_write(s, "guest writes", 0, PAGES, 1, PAGES);
	sptes_expect_level(s->slot, 0, PAGES, 1, "guest writes");
	lru_drain();
}

static void unmapped(void)
{
	struct stage s;

	set_up(&s);
	require(!munmap(slot_page(s.slot, PART), COUNT * GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap of a part of a folio", &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot_page(s.slot, PART), .pages = COUNT, .zapped = COUNT,
	});
	stage_read_others(&s, PART, COUNT);
	stage_expect_gone(&s, PART, COUNT);
}

static void moved(void)
{
	struct stage s;
	int node[2];

	set_up(&s);
	numa_nodes(node);
	numa_move_pages(slot_page(s.slot, PART), 1, node[1]);
	witness_step(&s.witness, "move_pages of one page of a folio", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, FOLIO), .pages = FOLIO, .zapped = FOLIO,
	});
	stage_read_others(&s, FOLIO, FOLIO);
	stage_read(&s, "guest reads what moved", FOLIO, FOLIO, 1, FOLIO);
	numa_expect(slot_page(s.slot, FOLIO), FOLIO, node[1], "move_pages of one page of a folio");
	expect(is_of_folios(s.slot->hva), "the folio did not move as one");
}

const struct test test = {
	.name = "mthp",
	.group = "thp",
	.proves = "pages of one folio of 64 KiB lose their sptes one by one, or together if the folio moves",
	.needs = { .kvm = true, .memory_mib = 32, .files = { KNOB } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "unmapped", unmapped },
		{ "moved", moved, { .nodes = 2 } },
	},
};
