// SPDX-License-Identifier: GPL-2.0-only
#include "lib/x86/nested.h"

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/memory.h"
#include "lib/x86/svm.h"

#define PREFETCH_WINDOW 8	/* PTE_PREFETCH_NUM of arch/x86/kvm/mmu/mmu.c */

static void create(struct nested *n, void *memory, size_t pages)
{
	vm_create(&n->vm, 2);
	n->guest = &n->vm.vcpu[0];
	n->nested = &n->vm.vcpu[1];
	n->slot = vm_add_memslot(&n->vm, memory, pages);
	n->view = *n->slot;
	n->paging = false;
}

void nested_set_up(struct nested *n, bool paging, void *memory, size_t pages)
{
	const char *missing = svm_missing(paging);

	if (missing)
		skip_case("%s", missing);
	create(n, memory, pages);
	n->paging = paging;
	if (paging) {
		window_create(&n->window, &n->vm);
		window_map(&n->window, WINDOW_PT, 0, n->slot, 0, pages < 512 ? pages : 512);
		n->view = window_view(n->slot, 0);
	}
	svm_begin(n->nested, paging ? window_nested_cr3(&n->window) : 0);
	witness_open(&n->witness, &n->vm);
}

void nested_set_up_pair(struct nested *n, bool nested, void *memory, size_t pages)
{
	if (nested) {
		nested_set_up(n, nested_paging(), memory, pages);
		return;
	}
	create(n, memory, pages);
	witness_open(&n->witness, &n->vm);
}

bool nested_paging(void)
{
	return !svm_missing(true);
}

size_t nested_faults(const struct nested *n, size_t first, size_t count)
{
	if (!n->paging)
		return 0;
	return (first + count - 1) / PREFETCH_WINDOW - first / PREFETCH_WINDOW + 1;
}

void nested_guest_reads(struct nested *n, unsigned int version)
{
	require(!guest_check(n->guest, n->slot, 0, n->slot->pages, version), "the guest cannot read");
	witness_step(&n->witness, "guest reads", &(struct step){ .faulted = n->slot->pages });
}

void nested_check(struct nested *n, const char *what, size_t first, size_t count,
		  unsigned int version, size_t faulted)
{
	int err = guest_check(n->nested, &n->view, first, count, version);

	expect(!err, "%s: the nested guest cannot read pages %zu..%zu (%d)", what, first,
	       first + count - 1, err);
	witness_step(&n->witness, what, &(struct step){
		.faulted = faulted, .faults = faulted ? nested_faults(n, first, count) : 0,
	});
}

void nested_reads(struct nested *n, unsigned int version)
{
	nested_check(n, "nested guest reads", 0, n->slot->pages, version, n->slot->pages);
}
