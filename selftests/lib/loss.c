// SPDX-License-Identifier: GPL-2.0-only
#include "lib/check.h"
#include "lib/loss.h"
#include "lib/sptes.h"
#include "lib/witness.h"

void loss_note(struct loss *loss, const struct vm *vm)
{
	if (!vm_pages(vm, &loss->pages))
		loss->pages = 0;
	if (!vm_stat(vm, "remote_tlb_flush_requests", &loss->flushes))
		loss->flushes = 0;
}

void loss_expect(struct loss *loss, const struct vm *vm, size_t number, uint64_t lost, const char *what)
{
	const struct loss before = *loss;

	loss_note(loss, vm);
	expect(before.pages - loss->pages == (before.pages ? lost : 0),
	       "%s: VM %zu lost %ld sptes, expected %lu", what, number, before.pages - loss->pages, lost);
	expect(lost || loss->flushes == before.flushes, "%s: VM %zu flushed its TLBs for nothing", what,
	       number);
	sptes_check(vm, what, true);
}
