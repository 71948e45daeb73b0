// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/exit.h"
#include "lib/kvm-probe.h"
#include "lib/mailbox.h"
#include "lib/range-check.h"
#include "lib/record.h"
#include "lib/sptes.h"
#include "lib/witness.h"

/* What a fault on a host page that is there maps beside it, see kvm_probe_prefetch(). */
#define PREFETCH_WINDOW 8

static struct {
	atomic_bool counters, events, sptes;
	char no_counters[128], no_sptes[256];
} *used;

static struct event_list last_events;

void witness_init(void)
{
	used = mmap(NULL, sizeof(*used), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (used == MAP_FAILED) {
		perror("mmap of the memory shared by the witnesses");
		exit(EXIT_FAIL);
	}
}

void witness_report(void)
{
	if (!used->counters)
		diag("no counters: %s", used->no_counters[0] ? used->no_counters : "no case got so far");
	if (!used->events)
		diag("no events: %s", events_missing() ? events_missing() : "no case got so far");
	if (!used->sptes)
		diag("no sptes: %s", used->no_sptes[0] ? used->no_sptes : "no case got so far");
	diag("witnesses: data%s%s%s", used->counters ? " counters" : "", used->events ? " events" : "",
	     used->sptes ? " sptes" : "");
}

bool vm_pages(const struct vm *vm, uint64_t *pages)
{
	uint64_t small, large, huge;

	if (!vm_stat(vm, "pages_4k", &small) || !vm_stat(vm, "pages_2m", &large) ||
	    !vm_stat(vm, "pages_1g", &huge))
		return false;
	*pages = small + large * 512 + huge * 512 * 512;
	return true;
}

/* By KVM's counter: an emulated CPU that lacks a flush shows it too rarely. False: not counted here. */
static bool count_flushes(struct witness *w)
{
	return vm_stat(w->vm, "remote_tlb_flush_requests", &w->flushes);
}

static bool read_counters(struct witness *w)
{
	return vm_pages(w->vm, &w->pages) && vm_vcpu_stat(w->vm, "pf_fixed", &w->faults);
}

void witness_open_counters(struct witness *w, struct vm *vm)
{
	*w = (struct witness){ .vm = vm, .granule = backing()->granule };
	w->counters = read_counters(w);
	count_flushes(w);
	if (w->counters)
		used->counters = true;
	else if (vm->stats_error)
		snprintf(used->no_counters, sizeof(used->no_counters), "KVM_GET_STATS_FD: %s",
			 strerror(-vm->stats_error));
	else
		snprintf(used->no_counters, sizeof(used->no_counters),
			 "this KVM does not count pages_4k and pf_fixed");
}

void witness_open(struct witness *w, struct vm *vm)
{
	events_begin();
	if (!events_missing())
		used->events = true;
	witness_open_counters(w, vm);
}

void witness_open_of(struct witness *w, struct vm *vm, uint64_t mm)
{
	events_begin_of(mm);
	if (!events_missing())
		used->events = true;
	witness_open_counters(w, vm);
}

static void check_faults(const struct witness *w, const char *what, const struct step *step,
			 uint64_t faults)
{
	size_t most = step->faults ? step->faults : (step->faulted + step->upgraded) / w->granule;
	/* Prefetched neighbours save their own faults, at best all but one in a window. */
	size_t saved = kvm_probe_prefetch() && w->granule == 1 && !step->faults ?
		       step->faulted - (step->faulted + PREFETCH_WINDOW - 1) / PREFETCH_WINDOW : 0;

	if (!saved)
		expect(faults == most, "%s: pf_fixed rose by %lu, expected %zu", what, faults,
		       most);
	else
		expect(faults >= most - saved && faults <= most,
		       "%s: pf_fixed rose by %lu, expected %zu to %zu", what, faults, most - saved, most);
}

/* No vCPU may keep a translation of what was zapped (kvm_mmu_notifier_invalidate_range_start()). */
static void check_flushes(struct witness *w, const char *what, const struct step *step)
{
	uint64_t before = w->flushes;
	bool zaps = step->zapped || (step->racing && step->pages && !step->partial);

	if (count_flushes(w) && zaps)
		expect(w->flushes > before, "%s: sptes were zapped without a remote TLB flush", what);
}

static void check_counters(struct witness *w, const char *what, const struct step *step)
{
	struct witness before = *w;
	long change, expected = (long)step->faulted - (long)step->zapped;

	if (!w->counters || !read_counters(w) || step->racing)
		return;
	change = (long)(w->pages - before.pages);
	expect(change == expected, "%s: pages mapped by leaf sptes changed by %ld, expected %ld", what,
	       change, expected);
	check_faults(w, what, step, w->faults - before.faults);
}

/* Nothing may be left of what the host invalidated, if the guest did not touch it since. */
static void check_none_left(const struct vm *vm, const char *what, const struct step *step)
{
	for (unsigned int i = 0; i < vm->slot_count; i++) {
		const struct memslot *slot = &vm->slot[i];
		size_t first = ((const char *)step->hva - slot->hva) / GUEST_PAGE;

		if ((const char *)step->hva < slot->hva || first + step->pages > slot->pages)
			continue;
		sptes_expect_only(slot, first, step->pages, step->only, SPTES_NONE, what);
	}
}

static void check_sptes(const struct witness *w, const char *what, const struct step *step)
{
	sptes_check(w->vm, what, !step->racing);
	if (step->pages && !step->faulted && !step->racing && !step->partial)
		check_none_left(w->vm, what, step);
	if (!sptes_missing())
		used->sptes = true;
	else
		snprintf(used->no_sptes, sizeof(used->no_sptes), "%s", sptes_missing());
}

void witness_step(struct witness *w, const char *what, const struct step *step)
{
	record_mark(EVENT_STEP, what);
	check_counters(w, what, step);
	check_flushes(w, what, step);
	check_sptes(w, what, step);
	if (events_missing())
		return;
	events_free(&last_events);
	last_events = events_read();
	range_check(w->vm, what, step, &last_events);
}

const struct event_list *witness_events(void)
{
	return &last_events;
}
