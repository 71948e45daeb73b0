// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's pages are in swap when its owner forks: both have the same swap entries. Who writes gets a
 * page of its own out of swap, who reads the one that both share; no data is lost on the way.
 */
#include "lib/check.h"
#include "lib/child.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define WRITTEN 24
#define WRITES 17
#define SWAP_MIB 32

static void set_up(struct stage *s, void (*swap)(unsigned int mib))
{
	swap(SWAP_MIB);
	stage_set(s, PAGES);
	swap_out(s->slot->hva, PAGES);
	witness_step(&s->witness, "MADV_PAGEOUT", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	child_fork(s->slot);
	child_step(&s->witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s->slot->hva, .pages = PAGES,
	});
	expect(pagemap_count_swapped(s->slot->hva, PAGES) == PAGES, "the fork brought pages back");
}

/*
 * The fault brings the page in as one that both may have, and then copies it (do_swap_page(),
 * do_wp_page()).
 */
static void written(struct stage *s)
{
	require(!guest_fill(s->vcpu, s->slot, WRITTEN, WRITES, 2), "the guest cannot write");
	child_step(&s->witness, "guest writes swapped pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, WRITTEN), .pages = WRITES,
		.faulted = WRITES,
	});
	sptes_expect(s->slot, WRITTEN, WRITES, SPTES_WRITABLE, "guest writes swapped pages");
	child_expect_versions(s->vcpu, WRITTEN, WRITES, 2, 1);
	child_step(&s->witness, "all read", &(struct step){ .faulted = PAGES - WRITES });
	child_expect_own("all read", WRITTEN, WRITES);
}

static void guest_writes(void)
{
	struct stage s;

	set_up(&s, swap_on);
	written(&s);
}

static void guest_writes_disk(void)
{
	struct stage s;

	set_up(&s, swap_on_disk);
	written(&s);
}

static void child_writes(void)
{
	struct stage s;

	set_up(&s, swap_on);
	child_fill(WRITTEN, WRITES, 2);
	child_step(&s.witness, "child writes swapped pages", &(struct step){ 0 });
	child_expect_versions(s.vcpu, WRITTEN, WRITES, 1, 2);
	child_step(&s.witness, "all read", &(struct step){ .faulted = PAGES });
}

static void read_then_written(void)
{
	const char *what = "guest writes pages out of swap";
	struct stage s;

	set_up(&s, swap_on);
	child_expect_versions(s.vcpu, WRITTEN, WRITES, 1, 1);
	child_step(&s.witness, "all read", &(struct step){ .faulted = PAGES });
	child_expect_own("all read", 0, 0);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "all read");
	require(!guest_fill(s.vcpu, s.slot, WRITTEN, WRITES, 2), "the guest cannot write");
	child_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES, .faulted = WRITES,
	});
	child_expect_own(what, WRITTEN, WRITES);
	child_expect_versions(s.vcpu, WRITTEN, WRITES, 2, 1);
}

const struct test test = {
	.name = "swapped",
	.group = "cow",
	.proves = "pages that were in swap at a fork come back as copies of who writes, and shared to who reads",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram", "virtio_blk" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "guest-writes", guest_writes },
		{ "guest-writes-disk", guest_writes_disk },
		{ "child-writes", child_writes },
		{ "read-then-written", read_then_written },
	},
};
