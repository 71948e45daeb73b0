// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host makes the file smaller that is a guest's memory. What is behind its new end is gone
 * for the guest, private copies too, and does not come back when the file grows again.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/test.h"

static void resize(struct stage *s, uint64_t size)
{
	require(!ftruncate(s->memory.fd, size), "ftruncate: %s", strerror(errno));
}

static void cut(struct stage *s, size_t left)
{
	const size_t lost = s->slot->pages - left;

	resize(s, left * GUEST_PAGE);
	stage_expect_dropped(s, "the file gets smaller", left, lost);
	stage_expect_gone(s, left, lost);
	if (left)
		stage_read(s, "all read what is left", 0, left, 1, 0);
}

/* The file is as large as before, the pages are new ones. */
static void grow_back(struct stage *s, size_t left)
{
	const size_t count = s->slot->pages - left;
	uint64_t value = 1;

	resize(s, s->slot->pages * GUEST_PAGE);
	witness_step(&s->witness, "the file gets larger", &(struct step){ 0 });
	require(!guest_read(s->vcpu, s->slot, left, &value), "the guest cannot read a new page");
	expect(!value, "guest reads %#lx of page %zu, which is new", value, left);
	witness_step(&s->witness, "guest reads a new page", &(struct step){
		.faulted = backing()->granule,
	});
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 2), left + backing()->granule,
		    count - backing()->granule);
	stage_read(s, "guest reads what the host wrote", left + backing()->granule,
		   count - backing()->granule, 2, count - backing()->granule);
	if (left)
		stage_read(s, "all read what was left", 0, left, 1, 0);
}

static void part(void)
{
	struct stage s;

	stage_set(&s, backing()->pages);
	cut(&s, backing()->middle);
	grow_back(&s, backing()->middle);
}

static void to_nothing(void)
{
	struct stage s;

	stage_set(&s, backing()->pages);
	cut(&s, 0);
	grow_back(&s, 0);
}

/* The page in which the file ends stays mapped; what is behind the end is zeros at once. */
static void inside_a_page(void)
{
	const size_t left = backing()->middle, words = GUEST_WORDS / 2;
	uint64_t *page, key, value = 0;
	struct stage s;

	stage_set(&s, backing()->pages);
	resize(&s, left * GUEST_PAGE + GUEST_PAGE / 2);
	stage_expect_dropped(&s, "the file ends inside a page", left + 1, s.slot->pages - left - 1);
	key = memory_key(s.slot->tag, 1);
	require(!guest_read(s.vcpu, s.slot, left, &value), "the guest cannot read the last page");
	expect(value == pattern_word(key, left, 0), "guest lost what is before the end: %#lx", value);
	witness_step(&s.witness, "guest reads the last page", &(struct step){ 0 });
	page = slot_page(s.slot, left);
	for (size_t w = 0; w < GUEST_WORDS; w++)
		expect(page[w] == (w < words ? pattern_word(key, left, w) : 0),
		       "word %zu of the last page is %#lx", w, page[w]);
	stage_expect_gone(&s, left + 1, s.slot->pages - left - 1);
	stage_read(&s, "all read what is left", 0, left, 1, 0);
}

const struct test test = {
	.name = "truncate",
	.group = "zap",
	.proves = "what ftruncate took is lost to the guest, and zeros when the file grows again",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "part", part,
		  .backings = BACKING_MEMFD | BACKING_HUGETLB | BACKING_FILE | BACKING_PRIVATE_FILE,
		  .full_backings = BACKING_TMPFS },
		{ "to-nothing", to_nothing, .backings = BACKING_MEMFD | BACKING_HUGETLB,
		  .full_backings = BACKINGS_FURTHER },
		{ "inside-a-page", inside_a_page, .backings = BACKING_MEMFD,
		  .full_backings = BACKING_TMPFS | BACKING_FILE },
	},
};
