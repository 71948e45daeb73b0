// SPDX-License-Identifier: GPL-2.0-only
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/memory.h"
#include "lib/stage.h"

static void make_vm(struct stage *s)
{
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, s->memory.hva, s->memory.pages);
}

void stage_set(struct stage *s, size_t pages)
{
	backing_alloc(&s->memory, pages);
	make_vm(s);
	witness_open(&s->witness, &s->vm);
	stage_write(s, "guest writes", 0, pages, 1, pages);
}

void stage_attach(struct stage *s, unsigned int tag)
{
	s->memory.hva = backing_map(&s->memory);
	make_vm(s);
	s->slot->tag = tag;
}

void stage_read(struct stage *s, const char *what, size_t first, size_t count,
		unsigned int version, size_t faulted)
{
	require(!guest_check(s->vcpu, s->slot, first, count, version),
		"%s: the guest cannot read pages %zu..%zu", what, first, first + count - 1);
	witness_step(&s->witness, what, &(struct step){ .faulted = faulted });
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, version), first, count);
}

void stage_read_others(struct stage *s, size_t first, size_t count)
{
	const size_t end = first + count;

	stage_read(s, "all read what stayed before it", 0, first, 1, 0);
	stage_read(s, "all read what stayed behind it", end, s->slot->pages - end, 1, 0);
}

void stage_write(struct stage *s, const char *what, size_t first, size_t count,
		 unsigned int version, size_t faulted)
{
	require(!guest_fill(s->vcpu, s->slot, first, count, version),
		"%s: the guest cannot write pages %zu..%zu", what, first, first + count - 1);
	witness_step(&s->witness, what, &(struct step){ .faulted = faulted });
}

void stage_expect_gone(struct stage *s, size_t first, size_t count)
{
	guest_expect_efault(s->vcpu, s->slot, first, count, false);
	guest_expect_efault(s->vcpu, s->slot, first, count, true);
	witness_step(&s->witness, "guest faults out", &(struct step){ 0 });
}

void stage_expect_dropped(struct stage *s, const char *what, size_t first, size_t count)
{
	const bool hugetlb = backing()->bit == BACKING_HUGETLB;

	witness_step(&s->witness, what, &(struct step){
		.event = hugetlb ? hugetlb_unmap_event() : NOTIFY_CLEAR, .also = NOTIFY_CLEAR,
		.hva = slot_page(s->slot, first), .pages = count, .zapped = count,
	});
}
