// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns a hypervisor's memory writes to its nested page tables, which KVM does not see. An entry through
 * which the nested guest reads memory says MMIO from then on, and the nested guest writes there: KVM finds a
 * present spte where it puts one for MMIO, and has to take it away as any other. Else the page behind it is
 * mapped nowhere, and still said to be there when it goes.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/x86/nested.h"

#define PAGES 64
#define CHANGED 5
#define MMIO_GPA 0xd0000000UL	/* where no memslot is */

static struct nested n;

static void set_up(void)
{
	nested_set_up(&n, true, memory_alloc(PAGES), PAGES);
	*window_entry(&n.window, WINDOW_PT, CHANGED) &= ~WINDOW_WRITABLE;
	guest_fill(n.guest, n.slot, 0, PAGES, 1);
	witness_step(&n.witness, "guest writes", &(struct step){ .faulted = PAGES });
	nested_reads(&n, 1);
	sptes_expect_nested(n.slot, CHANGED, 1, SPTES_READ_ONLY, "nested guest reads");
}

static void over_present(void)
{
	uint64_t *entry;
	int err;

	set_up();
	entry = window_entry(&n.window, WINDOW_PT, CHANGED);
	*entry = (*entry & (GUEST_PAGE - 1)) | WINDOW_WRITABLE | MMIO_GPA;
	err = guest_write(n.nested, &n.view, CHANGED, 1);
	expect(err == -EREMOTE, "the nested guest writes MMIO: %d, expected an exit for it", err);
	witness_step(&n.witness, "nested guest writes MMIO", &(struct step){ .zapped = 1 });
	sptes_expect_nested(n.slot, CHANGED, 1, SPTES_NONE, "nested guest writes MMIO");

	require(!madvise(slot_page(n.slot, CHANGED), GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	witness_step(&n.witness, "the page is dropped", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(n.slot, CHANGED), .pages = 1, .zapped = 1,
	});
	nested_check(&n, "nested guest reads the others", 0, CHANGED, 1, 0);
	guest_check(n.guest, n.slot, CHANGED + 1, PAGES - CHANGED - 1, 1);
}

const struct test test = {
	.name = "mmio",
	.group = "nested",
	.proves = "an spte for MMIO does not come over a present one that is still said to be there",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "over-present", over_present },
	},
};
