// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host drops pages with MADV_DONTNEED. Their sptes go with them; the guest finds what the backing
 * says is there now: what it wrote, if that is in a file, else nothing of it.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/test.h"
#include "lib/witness.h"

struct stage {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot;
	struct witness witness;
};

static void set_up(struct stage *s)
{
	struct backed memory;

	backing_alloc(&memory, backing()->pages);
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory.hva, memory.pages);
	witness_open(&s->witness, &s->vm);
	guest_fill(s->vcpu, s->slot, 0, s->slot->pages, 1);
	witness_step(&s->witness, "guest writes", &(struct step){ .faulted = s->slot->pages });
}

static void drop(struct stage *s, size_t first, size_t count)
{
	void *start = slot_page(s->slot, first);
	int err = madvise(start, count * GUEST_PAGE, MADV_DONTNEED) ? errno : 0;

	if (err == EINVAL && backing()->granule > 1)
		skip_case("kernel without MADV_DONTNEED of hugetlb pages");
	require(!err, "MADV_DONTNEED: %s", strerror(err));
	witness_step(&s->witness, "MADV_DONTNEED", &(struct step){
		.event = NOTIFY_CLEAR, .hva = start, .pages = count, .zapped = count,
	});
}

/* The guest reads zeros, then writes: private pages are copied from the zero page or the file. */
static void check_empty(struct stage *s, size_t first, size_t count)
{
	uint64_t value;
	size_t page;

	for (page = first; page < first + count; page++) {
		require(!guest_read(s->vcpu, s->slot, page, &value), "the guest cannot read");
		expect(!value, "guest reads %#lx of page %zu, which was dropped", value, page);
	}
	witness_step(&s->witness, "guest reads zeros", &(struct step){ .faulted = count });
	guest_fill(s->vcpu, s->slot, first, count, 2);
	witness_step(&s->witness, "guest writes them again", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, first), .pages = count,
		.zapped = count, .faulted = count,
	});
}

static void check_dropped(struct stage *s, size_t first, size_t count)
{
	unsigned int version = 1;

	if (backing()->shared) {
		guest_check(s->vcpu, s->slot, first, count, 1);
		witness_step(&s->witness, "guest reads them again", &(struct step){ .faulted = count });
	} else {
		check_empty(s, first, count);
		version = 2;
	}
	guest_check(s->vcpu, s->slot, first, count, version);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, version), first, count);
}

static void check_untouched(struct stage *s, size_t first, size_t count)
{
	guest_check(s->vcpu, s->slot, first, count, 1);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 1), first, count);
	witness_step(&s->witness, "all read what stayed", &(struct step){ 0 });
}

static void whole(void)
{
	struct stage s;

	set_up(&s);
	drop(&s, 0, s.slot->pages);
	check_dropped(&s, 0, s.slot->pages);
}

static void part(void)
{
	const size_t first = backing()->middle, end = first + backing()->part;
	struct stage s;

	set_up(&s);
	drop(&s, first, end - first);
	check_untouched(&s, 0, first);
	check_untouched(&s, end, s.slot->pages - end);
	check_dropped(&s, first, end - first);
	check_untouched(&s, 0, first);
}

const struct test test = {
	.name = "dontneed",
	.group = "zap",
	.proves = "what MADV_DONTNEED dropped has no spte, and the guest finds what is there now",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "whole", whole, .backings = BACKINGS_ALL },
		{ "part", part, .backings = BACKINGS_ALL },
	},
};
