// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"

void stage_make(struct stage *s, void *memory, size_t pages)
{
	s->memory.hva = memory;
	s->memory.pages = pages;
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory, pages);
}

void stage_set_over(struct stage *s, void *memory, size_t pages, size_t granule)
{
	stage_make(s, memory, pages);
	witness_open(&s->witness, &s->vm);
	s->witness.granule = granule;
	stage_write(s, "guest writes", 0, pages, 1, pages);
}

void stage_set(struct stage *s, size_t pages)
{
	backing_alloc(&s->memory, pages);
	stage_set_over(s, s->memory.hva, s->memory.pages, backing()->granule);
}

void *stage_make_private(struct stage *s, size_t pages)
{
	void *file;

	s->memory.fd = memfd_create("guest", MFD_CLOEXEC);
	require(s->memory.fd >= 0 && !ftruncate(s->memory.fd, pages * GUEST_PAGE), "memfd_create: %s",
		strerror(errno));
	file = memory_map_file(s->memory.fd, pages);
	stage_make(s, memory_map_private(s->memory.fd, pages), pages);
	memory_fill(file, memory_key(s->slot->tag, 1), 0, pages);
	return file;
}

void stage_attach(struct stage *s, unsigned int tag)
{
	stage_make(s, backing_map(&s->memory), s->memory.pages);
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
