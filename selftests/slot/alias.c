// SPDX-License-Identifier: GPL-2.0-only
/*
 * One VM maps the same host addresses by several memslots: a page has several gfns. What the
 * host takes is gone at each of them, and at no other gfn.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"

/* The second memslot begins this far into the memory of the first one. */
#define SHIFT 13

static struct memslot *add_alias(struct stage *s, size_t first, size_t count)
{
	struct memslot *alias = vm_add_memslot(&s->vm, slot_page(s->slot, first), count);

	alias->tag = s->slot->tag;
	return alias;
}

/* Both gfns of each page have an spte of the same page. */
static void expect_same_pages(const struct stage *s, const struct memslot *alias, size_t shift)
{
	static struct spte_view one[4096], other[4096];
	size_t differ = 0;

	require(s->slot->pages <= 4096, "more pages than this can compare");
	if (!sptes_read(s->slot, 0, s->slot->pages, one) ||
	    !sptes_read(alias, 0, alias->pages, other))
		return;
	for (size_t i = 0; i < alias->pages; i++)
		differ += !other[i].mapped || other[i].pfn != one[shift + i].pfn;
	expect(!differ, "%zu sptes of the alias are of another page", differ);
}

static void drop(struct stage *s, size_t first, size_t count, size_t zapped)
{
	void *start = slot_page(s->slot, first);

	require(!madvise(start, count * GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	witness_step(&s->witness, "MADV_DONTNEED", &(struct step){
		.event = NOTIFY_CLEAR, .hva = start, .pages = count, .zapped = zapped,
	});
}

/* The same memory twice: what one gfn writes the other one reads, what goes is gone for both. */
static void whole(void)
{
	const size_t pages = backing()->pages, first = backing()->middle, count = backing()->part;
	struct memslot *alias;
	struct stage s;

	stage_set(&s, pages);
	alias = add_alias(&s, 0, pages);
	guest_check(s.vcpu, alias, 0, pages, 1);
	witness_step(&s.witness, "guest reads the alias", &(struct step){ .faulted = pages });
	guest_fill(s.vcpu, alias, 0, pages, 2);
	guest_check(s.vcpu, s.slot, 0, pages, 2);
	witness_step(&s.witness, "guest writes the alias", &(struct step){ 0 });
	expect_same_pages(&s, alias, 0);

	drop(&s, first, count, 2 * count);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 3), first, count);
	guest_check(s.vcpu, s.slot, first, count, 3);
	guest_check(s.vcpu, alias, first, count, 3);
	witness_step(&s.witness, "guest reads new pages by both", &(struct step){ .faulted = 2 * count });
	guest_check(s.vcpu, alias, 0, first, 2);
	guest_check(s.vcpu, s.slot, 0, first, 2);
	witness_step(&s.witness, "guest reads old pages by both", &(struct step){ 0 });
	expect_same_pages(&s, alias, 0);
}

/* Memslots that share a part of their memory: the range that goes is half in both, half in one. */
static void overlapping(void)
{
	const size_t pages = backing()->pages, first = SHIFT - 5, count = 11;
	struct memslot *alias;
	struct stage s;
	uint64_t value;

	stage_set(&s, pages);
	alias = add_alias(&s, SHIFT, pages - SHIFT);
	for (size_t i = 0; i < alias->pages; i++) {
		guest_read(s.vcpu, alias, i, &value);
		expect(value == pattern_word(memory_key(s.slot->tag, 1), SHIFT + i, 0),
		       "page %zu of the alias holds %#lx", i, value);
	}
	witness_step(&s.witness, "guest reads the alias", &(struct step){ .faulted = alias->pages });
	expect_same_pages(&s, alias, SHIFT);

	drop(&s, first, count, count + first + count - SHIFT);
	sptes_expect(alias, 0, first + count - SHIFT, SPTES_NONE, "what is gone, by the alias");
	sptes_expect(alias, first + count - SHIFT, alias->pages - (first + count - SHIFT),
		     SPTES_MAPPED, "what stayed, by the alias");
	stage_read_others(&s, first, count);
}

/* The one memslot goes, the other is as good as before. */
static void one_deleted(void)
{
	const size_t pages = backing()->pages;
	struct memslot *alias;
	struct stage s;
	uint64_t value;

	stage_set(&s, pages);
	alias = add_alias(&s, 0, pages);
	guest_check(s.vcpu, alias, 0, pages, 1);
	witness_step(&s.witness, "guest reads the alias", &(struct step){ .faulted = pages });
	alias->pages = 0;
	memslot_set_flags(alias, 0);
	/* KVM may zap all of the VM for it (KVM_X86_QUIRK_SLOT_ZAP_ALL). */
	witness_step(&s.witness, "one of the memslots is deleted", &(struct step){ .racing = true });
	expect(guest_read(s.vcpu, alias, 0, &value) == -EREMOTE, "the deleted memslot can be read");
	guest_fill(s.vcpu, s.slot, 0, pages, 2);
	witness_step(&s.witness, "guest writes the other one", &(struct step){ .racing = true });
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 2), 0, pages);
	drop(&s, backing()->middle, backing()->part, backing()->part);
}

const struct test test = {
	.name = "alias",
	.group = "slot",
	.proves = "a page with several gfns loses the sptes of all of them together",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "whole", whole, .backings = BACKING_ANON, .full_backings = BACKING_MEMFD },
		{ "overlapping", overlapping },
		{ "one-deleted", one_deleted },
	},
};
