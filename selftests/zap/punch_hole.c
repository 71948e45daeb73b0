// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host punches a hole into the file that is a guest's memory. The sptes of whole pages in
 * the hole are gone, the guest finds zeros, and what a private mapping has for itself stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/test.h"

#define EDGE 8		/* page in whose middle a hole begins */
#define EDGE_END 12	/* and ends */

static void punch(struct stage *s, uint64_t offset, uint64_t size)
{
	int err = fallocate(s->memory.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size) ?
		  errno : 0;

	if (err == EOPNOTSUPP)
		skip_case("file system that punches no holes");
	require(!err, "fallocate: %s", strerror(err));
}

/*
 * Older kernels write the pages of a disk file that are in the hole back before they punch it,
 * which is a reason of its own to tell of them (filemap_write_and_wait_range() in
 * ext4_punch_hole()).
 */
static void expect_hole(struct stage *s, const char *what, size_t first, size_t count)
{
	if (backing()->bit != BACKING_FILE) {
		stage_expect_dropped(s, what, first, count);
		return;
	}
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .also = NOTIFY_PROTECTION_PAGE, .hva = slot_page(s->slot, first),
		.pages = count, .zapped = count,
	});
}

/* Zeros for guest and host; then new content, which is in the file for both. */
static void check_hole(struct stage *s, size_t first, size_t count)
{
	uint64_t value;

	for (size_t page = first; page < first + count; page += backing()->granule) {
		require(!guest_read(s->vcpu, s->slot, page, &value), "the guest cannot read the hole");
		expect(!value, "guest reads %#lx of page %zu, which is a hole", value, page);
		expect(!*(uint64_t *)slot_page(s->slot, page), "page %zu, a hole, is not empty", page);
	}
	witness_step(&s->witness, "guest reads the hole", &(struct step){ .faulted = count });
	require(!guest_fill(s->vcpu, s->slot, first, count, 2), "the guest cannot write the hole");
	/* A file system has a say before the first write to a page of its own (page_mkwrite). */
	witness_step(&s->witness, "guest writes into the hole", &(struct step){
		.upgraded = backing()->bit == BACKING_FILE ? count : 0,
	});
	stage_read(s, "all read what is new", first, count, 2, 0);
}

static void whole(void)
{
	const size_t pages = backing()->pages;
	struct stage s;

	stage_set(&s, pages);
	punch(&s, 0, pages * GUEST_PAGE);
	expect_hole(&s, "a hole as large as the file", 0, pages);
	check_hole(&s, 0, pages);
}

static void part(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct stage s;

	stage_set(&s, backing()->pages);
	punch(&s, first * GUEST_PAGE, count * GUEST_PAGE);
	expect_hole(&s, "a hole", first, count);
	stage_read_others(&s, first, count);
	check_hole(&s, first, count);
	stage_read_others(&s, first, count);
}

static void madv_remove(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct stage s;
	int err;

	stage_set(&s, backing()->pages);
	err = madvise(slot_page(s.slot, first), count * GUEST_PAGE, MADV_REMOVE) ? errno : 0;
	if (err == EOPNOTSUPP)
		skip_case("file system that punches no holes");
	require(!err, "MADV_REMOVE: %s", strerror(err));
	expect_hole(&s, "MADV_REMOVE", first, count);
	stage_read_others(&s, first, count);
	check_hole(&s, first, count);
}

/* Pages of which a part only is in the hole keep the rest, and their sptes. */
static void edges(void)
{
	const size_t half = GUEST_PAGE / 2, words = half / sizeof(uint64_t);
	struct stage s;
	uint64_t *page, key, value;

	stage_set(&s, backing()->pages);
	key = memory_key(s.slot->tag, 1);
	punch(&s, EDGE * GUEST_PAGE + half, (EDGE_END - EDGE) * GUEST_PAGE);
	expect_hole(&s, "a hole from page to page", EDGE + 1, EDGE_END - EDGE - 1);
	guest_read(s.vcpu, s.slot, EDGE, &value);
	expect(value == pattern_word(key, EDGE, 0), "guest lost what was before the hole: %#lx", value);
	guest_read(s.vcpu, s.slot, EDGE_END, &value);
	expect(!value, "guest reads %#lx in the hole's last page", value);
	witness_step(&s.witness, "guest reads both edges", &(struct step){ 0 });
	page = slot_page(s.slot, EDGE);
	for (size_t w = 0; w < GUEST_WORDS; w++)
		expect(page[w] == (w < words ? pattern_word(key, EDGE, w) : 0),
		       "word %zu of the hole's first page is %#lx", w, page[w]);
	page = slot_page(s.slot, EDGE_END);
	for (size_t w = 0; w < GUEST_WORDS; w++)
		expect(page[w] == (w < words ? 0 : pattern_word(key, EDGE_END, w)),
		       "word %zu of the hole's last page is %#lx", w, page[w]);
	stage_read_others(&s, EDGE, EDGE_END - EDGE + 1);
}

/* The guest wrote copies of its own: they lose their sptes, as all of the range does, and stay. */
static void copied(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct stage s;

	stage_set(&s, backing()->pages);
	punch(&s, first * GUEST_PAGE, count * GUEST_PAGE);
	expect_hole(&s, "a hole under private copies", first, count);
	stage_read(&s, "guest reads its copies", first, count, 1, count);
	stage_read_others(&s, first, count);
}

const struct test test = {
	.name = "punch_hole",
	.group = "zap",
	.proves = "a hole in a file takes the sptes of its pages and of no other, and reads as zeros",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "whole", whole, .backings = BACKING_MEMFD | BACKING_HUGETLB,
		  .full_backings = BACKING_TMPFS | BACKING_FILE },
		{ "part", part, .backings = BACKING_MEMFD | BACKING_HUGETLB | BACKING_FILE,
		  .full_backings = BACKING_TMPFS },
		{ "madv-remove", madv_remove, .backings = BACKING_MEMFD | BACKING_HUGETLB,
		  .full_backings = BACKING_TMPFS | BACKING_FILE },
		{ "edges", edges, .backings = BACKING_MEMFD },
		{ "copied", copied, .backings = BACKING_PRIVATE_FILE },
	},
};
