// SPDX-License-Identifier: GPL-2.0-only
/*
 * A memslot whose pages KVM takes from a guest_memfd, not by the owner's page table. A hole in the file
 * takes their sptes all the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/guest-memfd.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64

struct stage {
	int fd;
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot;
	struct witness witness;
};

/* The owner has all pages mapped too, so that sptes can be held against its page table. */
static void set_up(struct stage *s)
{
	void *memory;

	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->fd = guest_memfd_create(&s->vm, PAGES);
	memory = memory_map_file(s->fd, PAGES);
	s->slot = guest_memfd_add_memslot(&s->vm, s->fd, memory, PAGES);
	memory_fill(memory, memory_key(s->slot->tag, 1), 0, PAGES);
	/* Deleting a memslot took the guest's own sptes as well: they come back here. */
	guest_fill(s->vcpu, s->slot, 0, 0, 1);
	witness_open(&s->witness, &s->vm);
	guest_check(s->vcpu, s->slot, 0, PAGES, 1);
	witness_step(&s->witness, "guest reads", &(struct step){ .faulted = PAGES });
}

static void punch(size_t first, size_t count)
{
	struct stage s;
	void *hole;

	set_up(&s);
	hole = slot_page(s.slot, first);
	require(!fallocate(s.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first * GUEST_PAGE,
			   count * GUEST_PAGE), "fallocate: %s", strerror(errno));
	witness_step(&s.witness, "a hole in the guest_memfd", &(struct step){
		.event = NOTIFY_CLEAR, .hva = hole, .pages = count, .zapped = count,
	});
	sptes_expect(s.slot, 0, first, SPTES_MAPPED, "before the hole");
	sptes_expect(s.slot, first + count, PAGES - first - count, SPTES_MAPPED, "behind the hole");
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), first, count);
	guest_check(s.vcpu, s.slot, first, count, 2);
	guest_check(s.vcpu, s.slot, 0, first, 1);
	guest_check(s.vcpu, s.slot, first + count, PAGES - first - count, 1);
	witness_step(&s.witness, "guest reads new and old pages", &(struct step){ .faulted = count });
}

static void part(void)
{
	punch(24, 17);
}

static void whole(void)
{
	punch(0, PAGES);
}

const struct test test = {
	.name = "guest_memfd",
	.group = "slot",
	.proves = "a hole in a guest_memfd takes the sptes of its pages, and of no other",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "part", part },
		{ "whole", whole },
	},
};
