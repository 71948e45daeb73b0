// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/test.h"
#include "lib/witness.h"
#include "lib/x86/svm.h"
#include "lib/x86/window.h"

#define PAGES 64

static void plain(void)
{
	struct vm vm; struct window w; struct witness wit; struct memslot *slot, view;
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	window_create(&w, &vm);
	window_map(&w, WINDOW_PT, 0, slot, 0, PAGES);
	view = window_view(slot, 0);
	svm_begin(&vm.vcpu[0], window_nested_cr3(&w));
	witness_open(&wit, &vm);
	guest_fill(&vm.vcpu[0], &view, 0, PAGES, 1);
	memory_check("host", slot->hva, memory_key(slot->tag, 1), 0, PAGES);
	witness_step(&wit, "nested guest writes", &(struct step){ .faulted = PAGES });
	munmap(slot_page(slot, 3), GUEST_PAGE);
	witness_step(&wit, "munmap", &(struct step){ .event = NOTIFY_UNMAP, .hva = slot_page(slot, 3), .pages = 1, .zapped = 1 });
	diag("check %d", guest_check(&vm.vcpu[0], &view, 0, PAGES, 1));
	diag("check %d", guest_check(&vm.vcpu[0], &view, 0, PAGES+1, 1));
	diag("fault %#lx", svm_fault(&vm.vcpu[0]).gpa);
}
const struct test test = {
	.name = "zap",
	.group = "nested",
	.proves = "x",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "plain", plain },
	},
};
