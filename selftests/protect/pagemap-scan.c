// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host asks which pages were written since it asked last, and protects them again in the same go
 * (PAGEMAP_SCAN). The guest's writes after that go through at once, and each of them is found.
 */
#include <string.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap-scan.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/uffd.h"
#include "lib/witness.h"

#define PAGES_MAX 2048	/* of any backing */
#define ROUNDS 5
#define BACKINGS (BACKING_ANON | BACKING_MEMFD | BACKING_HUGETLB)

static struct stage s;

static void set_up(void)
{
	int uffd;

	uffd = uffd_open(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED);
	stage_set(&s, backing()->pages);
	require(s.slot->pages <= PAGES_MAX, "more than %d pages", PAGES_MAX);
	uffd_register_wp(uffd, s.slot->hva, s.slot->pages);
	lru_drain();
}

/* These pages are found to be written, and no other of the memslot. */
static void scan(const char *what, bool protect, size_t first, size_t count)
{
	static bool written[PAGES_MAX];

	pagemap_scan_written(s.slot->hva, s.slot->pages, protect, written);
	for (size_t page = 0; page < s.slot->pages; page++)
		expect(written[page] == (page >= first && page < first + count),
		       "%s: page %zu is %sfound to be written", what, page, written[page] ? "" : "not ");
}

/* All that was asked for is announced, whatever of it is protected then (do_pagemap_scan()). */
static void scan_and_protect(const char *what, size_t first, size_t count, size_t zapped)
{
	lru_drain();
	scan(what, true, first, count);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = s.slot->hva, .pages = s.slot->pages,
		.zapped = zapped,
	});
}

static void read_all(unsigned int version)
{
	const size_t first = backing()->middle, count = backing()->part;
	const char *what = "all read protected pages";

	guest_check(s.vcpu, s.slot, 0, first, 1);
	guest_check(s.vcpu, s.slot, first, count, version);
	guest_check(s.vcpu, s.slot, first + count, s.slot->pages - first - count, 1);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, version), first, count);
	witness_step(&s.witness, what, &(struct step){ .faulted = s.slot->pages });
	sptes_expect(s.slot, 0, s.slot->pages, SPTES_READ_ONLY, what);
}

static void write_part(const char *what, unsigned int version, struct step step)
{
	const size_t first = backing()->middle, count = backing()->part;

	require(!guest_fill(s.vcpu, s.slot, first, count, version), "the guest cannot write");
	witness_step(&s.witness, what, &step);
	sptes_expect(s.slot, first, count, SPTES_WRITABLE, what);
	scan(what, false, first, count);
	witness_step(&s.witness, "a look at what is written", &(struct step){ 0 });
}

static void guest_writes(void)
{
	const size_t pages = backing()->pages, first = backing()->middle, count = backing()->part;

	set_up();
	scan_and_protect("all are written", 0, pages, pages);
	scan_and_protect("none is written", 0, 0, 0);
	read_all(1);
	write_part("guest writes a part", 2, (struct step){ .upgraded = count });
	scan_and_protect("a part is written", first, count, pages);
	read_all(2);
	scan_and_protect("none is written again", 0, 0, pages);
	write_part("guest writes a part unread", 3, (struct step){ .faulted = count });
	scan_and_protect("the part is written again", first, count, count);
}

static void owner_writes(void)
{
	const size_t pages = backing()->pages, first = backing()->middle, count = backing()->part;

	set_up();
	scan_and_protect("all are written", 0, pages, pages);
	read_all(1);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), first, count);
	witness_step(&s.witness, "owner writes a part", &(struct step){ 0 });
	stage_read(&s, "guest reads the part", first, count, 2, 0);
	scan_and_protect("a part is written", first, count, pages);
}

/* A running guest that has been over all pages since the last scan is found on each of them. */
static void while_written(void)
{
	const size_t pages = backing()->pages;
	int result;

	set_up();
	guest_spin_write_start(s.vcpu, s.slot, 0, pages, 0);
	for (int round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		scan("pages of a writing guest", true, 0, pages);
	}
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&s.witness, "scans under a writing guest", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .also = NOTIFY_CLEAR, .hva = s.slot->hva,
		.pages = pages, .racing = true,
	});
}

const struct test test = {
	.name = "pagemap-scan",
	.group = "protect",
	.proves = "PAGEMAP_SCAN finds exactly the pages that were written, by the guest as well",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "guest-writes", guest_writes, .backings = BACKINGS },
		{ "owner-writes", owner_writes, .backings = BACKINGS },
		{ "while-written", while_written, { .cpus = 2 } },
	},
};
