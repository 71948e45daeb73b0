// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM with two address spaces: the same gfns are one memory for most vCPUs and another one for a
 * vCPU in system management mode. What the host takes from one space leaves the other alone.
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
#include "lib/witness.h"
#include "lib/x86/smm.h"

#define PAGES 64
#define MIDDLE 24
#define PART 17
#define WRITTEN 0x5e000000U

struct stage {
	struct vm vm;
	struct vcpu *vcpu, *smm;	/* the second one is in SMM all the time */
	struct memslot *smram, *slot, *smm_slot;	/* the last two at the same gpa */
	struct witness witness;
};

static uint32_t first_word(const struct memslot *slot, unsigned int version, size_t page)
{
	return pattern_word(memory_key(slot->tag, version), page, 0);
}

static void expect_found(const struct stage *s, size_t first, size_t count, unsigned int version)
{
	const uint32_t *found = smm_found(s->smram);
	size_t bad = 0, page = 0;

	for (size_t i = 0; i < count; i++)
		if (found[i] != first_word(s->smm_slot, version, first + i) && !bad++)
			page = first + i;
	expect(!bad, "SMM sees %zu of pages %zu..%zu wrong, first of them page %zu: %#x%s", bad, first,
	       first + count - 1, page, found[page - first],
	       bad && found[page - first] == first_word(s->slot, 1, page) ? ", the other space's" : "");
}

/* The same gfns, but every one is another page in the other space. */
static void expect_apart(const struct stage *s)
{
	struct spte_view normal[PAGES], smm[PAGES];
	size_t same = 0;

	if (!sptes_read(s->slot, 0, PAGES, normal) || !sptes_read(s->smm_slot, 0, PAGES, smm))
		return;
	for (size_t i = 0; i < PAGES; i++)
		same += !normal[i].mapped || !smm[i].mapped || normal[i].pfn == smm[i].pfn;
	expect(!same, "%zu of %d gfns do not have a page of its own in each address space", same, PAGES);
}

static void read_smm(struct stage *s, size_t first, size_t count, unsigned int version)
{
	require(!smm_access(s->smm, s->smram, s->smm_slot, first, count, 0), "SMM faults out");
	expect_found(s, first, count, version);
}

static void set_up(struct stage *s)
{
	const char *missing = smm_missing();

	if (missing)
		skip_case("%s", missing);
	vm_create(&s->vm, 2);
	s->vcpu = &s->vm.vcpu[0];
	s->smm = &s->vm.vcpu[1];
	s->smram = smm_create(&s->vm);
	s->slot = vm_add_memslot(&s->vm, memory_alloc(PAGES), PAGES);
	s->smm_slot = vm_add_memslot_at(&s->vm, SMM_SPACE, s->slot->gpa, memory_alloc(PAGES), PAGES);
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 1), 0, PAGES);
	memory_fill(s->smm_slot->hva, memory_key(s->smm_slot->tag, 1), 0, PAGES);
	smm_enter(s->smm, s->smram);
	witness_open(&s->witness, &s->vm);

	guest_check(s->vcpu, s->slot, 0, PAGES, 1);
	witness_step(&s->witness, "guest reads", &(struct step){ .faulted = PAGES });
	sptes_expect(s->smm_slot, 0, PAGES, SPTES_NONE, "guest reads, space of SMM");
	read_smm(s, 0, PAGES, 1);
	witness_step(&s->witness, "SMM reads", &(struct step){ .faulted = PAGES });
	expect_apart(s);
}

static void unmap(struct stage *s, const struct memslot *slot, const struct memslot *other,
		  const char *what)
{
	require(!munmap(slot_page(slot, MIDDLE), PART * GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot_page(slot, MIDDLE), .pages = PART, .zapped = PART,
	});
	sptes_expect(slot, 0, MIDDLE, SPTES_MAPPED, what);
	sptes_expect(slot, MIDDLE + PART, PAGES - MIDDLE - PART, SPTES_MAPPED, what);
	sptes_expect(other, 0, PAGES, SPTES_MAPPED, what);
}

static void apart(void)
{
	struct stage s;

	set_up(&s);
	require(!smm_access(s.smm, s.smram, s.smm_slot, 0, PAGES, WRITTEN), "SMM faults out");
	expect_found(&s, 0, PAGES, 1);
	for (size_t i = 0; i < PAGES; i++)
		expect(*(uint32_t *)slot_page(s.smm_slot, i) == WRITTEN + i,
		       "what SMM wrote to page %zu is not in the memory of its space", i);
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
	witness_step(&s.witness, "SMM writes", &(struct step){ 0 });
	smm_leave(s.smm, s.smram);
	guest_check(s.smm, s.slot, 0, PAGES, 1);
	sptes_check(&s.vm, "back from SMM", true);
}

static void munmap_of_smm(void)
{
	struct stage s;
	void *hole;

	set_up(&s);
	unmap(&s, s.smm_slot, s.slot, "munmap in the space of SMM");
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	expect(smm_access(s.smm, s.smram, s.smm_slot, MIDDLE, PART, 0) == -EFAULT,
	       "SMM reads a page that is gone");
	witness_step(&s.witness, "SMM faults out", &(struct step){ 0 });

	hole = slot_page(s.smm_slot, MIDDLE);
	require(mmap(hole, PART * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == hole, "MAP_FIXED failed");
	madvise(hole, PART * GUEST_PAGE, MADV_NOHUGEPAGE);
	memory_fill(s.smm_slot->hva, memory_key(s.smm_slot->tag, 2), MIDDLE, PART);
	require(!vcpu_run(s.smm), "SMM faults out of a page that is there");
	expect_found(&s, MIDDLE, PART, 2);
	witness_step(&s.witness, "SMM reads the new pages", &(struct step){ .faulted = PART });
	expect_apart(&s);
}

static void munmap_of_normal(void)
{
	struct stage s;

	set_up(&s);
	unmap(&s, s.slot, s.smm_slot, "munmap in the space of the guest");
	read_smm(&s, 0, PAGES, 1);
	guest_expect_efault(s.vcpu, s.slot, MIDDLE, PART, false);
	witness_step(&s.witness, "guest faults out, SMM does not", &(struct step){ 0 });
}

const struct test test = {
	.name = "spaces",
	.group = "spte",
	.proves = "the sptes of a VM's two address spaces are told apart, read and zapped one by one",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "apart", apart },
		{ "munmap-smm", munmap_of_smm },
		{ "munmap-normal", munmap_of_normal },
	},
};
