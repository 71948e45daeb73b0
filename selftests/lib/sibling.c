// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/peer.h"
#include "lib/sibling.h"
#include "lib/sptes.h"
#include "lib/witness.h"

#define PAGES 64
#define VERSION 7

static struct peer peer;

/* The sibling's own. */
static struct vm vm;
static struct memslot *slot;
static struct witness witness;
static struct page_state pages[PAGES];

/* Of the step, told by the case. */
static char (*step)[96];

static void make(void)
{
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	witness_open_counters(&witness, &vm);
	witness.granule = 1;	/* whatever the case is run over */
	require(!guest_fill(&vm.vcpu[0], slot, 0, PAGES, VERSION), "the sibling's guest cannot write");
	witness_step(&witness, "the sibling's guest writes", &(struct step){ .faulted = PAGES });
	pagemap_read(slot->hva, pages, PAGES);
}

static void look(void)
{
	struct page_state now[PAGES];
	size_t i;

	witness_step(&witness, *step, &(struct step){ 0 });
	sptes_expect(slot, 0, PAGES, SPTES_WRITABLE, *step);
	guest_check(&vm.vcpu[0], slot, 0, PAGES, VERSION);
	witness_step(&witness, *step, &(struct step){ 0 });
	memory_check("the sibling", slot->hva, memory_key(slot->tag, VERSION), 0, PAGES);
	pagemap_read(slot->hva, now, PAGES);
	for (i = 0; i < PAGES; i++)
		expect(now[i].pfn == pages[i].pfn, "%s: page %zu of the sibling is %#lx, was %#lx", *step,
		       i, now[i].pfn, pages[i].pfn);
}

void sibling_start(void)
{
	step = shared_alloc(sizeof(*step));
	peer_start(&peer, "the sibling");
	peer_call(&peer, make);
}

void sibling_expect_untouched(const char *what)
{
	snprintf(*step, sizeof(*step), "sibling, %s", what);
	peer_call(&peer, look);
}
