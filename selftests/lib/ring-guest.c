// SPDX-License-Identifier: GPL-2.0-only
#include "lib/check.h"
#include "lib/dirty-log.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/ring-guest.h"
#include "lib/test.h"
#include "lib/thp.h"

#define RESTING 0x7e57a11d7e57a11dul	/* on each page before the first round: no round gets that far */

void ring_guest_create(struct ring_guest *g, enum displace how)
{
	struct stage *s = &g->stage;
	size_t entries;

	if (!dirty_ring_entries_max())
		skip_case("KVM without KVM_CAP_DIRTY_LOG_RING");
	entries = dirty_ring_entries_min();
	g->pages = 2 * entries;
	require(g->pages <= RING_GUEST_MAX && g->pages % THP_PAGES == 0,
		"the smallest dirty ring has %zu entries", entries);
	for (size_t page = 0; page < g->pages; page++)
		g->writes[page] = pattern_mix(test_seed + page) % 3;
	vm_create_with_ring(&s->vm, 1, entries);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, displace_alloc(how, g->pages), g->pages);
	dirty_ring_map(&g->ring, s->vcpu, entries);
	witness_open(&s->witness, &s->vm);
	require(!guest_write_each(s->vcpu, s->slot, 0, g->pages, RESTING), "the guest cannot write");
	if (how == DISPLACE_SPLIT && !thp_count(s->slot->hva))
		skip_case("the host gave no huge page");
	dirty_log_start(s->slot);
	ring_guest_step(g, "logging begins");
}

void ring_guest_start(struct ring_guest *g, void (*full)(struct vcpu *vcpu))
{
	uint64_t mask[RING_GUEST_MAX / 64] = { 0 };

	for (size_t page = 0; page < g->pages; page++)
		mask[page / 64] |= (uint64_t)g->writes[page] << page % 64;
	g->stage.vcpu->ring_full = full;
	guest_spin_write_masked(g->stage.vcpu, g->stage.slot, mask, g->pages);
}

void ring_guest_words(const struct ring_guest *g, uint64_t *words)
{
	for (size_t page = 0; page < g->pages; page++)
		words[page] = __atomic_load_n((uint64_t *)slot_page(g->stage.slot, page), __ATOMIC_RELAXED);
}

static uint64_t word_of_round(uint64_t round)
{
	return round ? round : RESTING;
}

size_t ring_guest_stand(const struct ring_guest *g, const uint64_t *words, const char *what)
{
	const uint64_t through = g->stage.vcpu->mailbox->rounds;
	size_t next = g->pages;

	for (size_t page = 0; page < g->pages; page++) {
		uint64_t word = RESTING;

		if (g->writes[page] && next == g->pages && words[page] == word_of_round(through))
			next = page;
		if (g->writes[page])
			word = word_of_round(through + (page < next));
		expect(words[page] == word, "%s: page %zu holds %#lx, not %#lx, the guest stands before %zu",
		       what, page, words[page], word, next);
	}
	return next;
}

void ring_guest_expect_written(struct ring_guest *g)
{
	const struct stage *s = &g->stage;
	const uint64_t last = guest_spin_written(s->vcpu);
	uint64_t guest = 0, host, word;

	dirty_log_stop(s->slot);
	for (size_t page = 0; page < g->pages; page++) {
		require(!guest_read(s->vcpu, s->slot, page, &guest), "the guest cannot read");
		host = *(uint64_t *)slot_page(s->slot, page);
		word = g->writes[page] ? last : RESTING;
		expect(guest == word && host == word, "guest reads %#lx and host %#lx on page %zu, not %#lx",
		       guest, host, page, word);
	}
}

void ring_guest_step(struct ring_guest *g, const char *what)
{
	const struct memslot *slot = g->stage.slot;

	witness_step(&g->stage.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .also = NOTIFY_PROTECTION_VMA, .hva = slot->hva, .pages = slot->pages,
		.racing = true, .partial = true,
	});
}
