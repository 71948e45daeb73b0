// SPDX-License-Identifier: GPL-2.0-only
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/test.h"
#include "lib/written.h"

void written_page(struct written *w, size_t page, uint64_t version)
{
	require(!guest_write(w->stage->vcpu, w->stage->slot, page, version), "the guest cannot write");
	w->value[page] = version;
	w->since[page] = true;
}

bool written_chosen(size_t page, uint64_t version)
{
	return pattern_mix(test_seed + version * WRITTEN_MAX + page) % 3 == 0;
}

void written_step(struct written *w, const char *what)
{
	const struct memslot *slot = w->stage->slot;

	witness_step(&w->stage->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = slot->pages, .partial = true,
		.racing = true,
	});
}

void written_check(struct written *w, const char *what)
{
	const struct memslot *slot = w->stage->slot;
	uint64_t guest = 0, host;

	for (size_t page = 0; page < slot->pages; page++) {
		require(!guest_read(w->stage->vcpu, slot, page, &guest), "the guest cannot read");
		host = *(uint64_t *)slot_page(slot, page);
		expect(guest == w->value[page], "%s: guest reads %#lx on page %zu, wrote %#lx", what, guest,
		       page, w->value[page]);
		expect(host == w->value[page], "%s: host reads %#lx on page %zu, the guest wrote %#lx", what,
		       host, page, w->value[page]);
	}
	written_step(w, what);
}
