/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The witnesses of a story's steps. After each thing that guest or host did, the test says what must
 * have come of it, and everything that this kernel offers is asked: KVM's counters, the notifier
 * events, the sptes themselves (lib/sptes.h). What the bytes are is asked by guest_check() and memory_check(); they are the witness that
 * is always there.
 */
#ifndef SPTEST_LIB_WITNESS_H
#define SPTEST_LIB_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/events.h"
#include "lib/kvm.h"

struct witness {
	struct vm *vm;
	bool counters;
	size_t granule;			/* pages that one fault maps: of the backing, see backing.h */
	uint64_t pages, faults;		/* at the last step: leaf sptes, pf_fixed */
	uint64_t flushes;		/* remote_tlb_flush_requests then */
};

/* What a step must have done, exactly; all zero: nothing at all happened to the memslots. */
struct step {
	enum notify event;	/* why the host invalidated; NOTIFY_NONE: it must not have */
	enum notify also;	/* and why, if two say so; NOTIFY_NONE: as event */
	const char *by;		/* the function of the kernel that must have announced all of it; NULL: any */
	const void *hva;	/* all that it invalidated: these pages, and no other of a memslot */
	size_t pages;
	const bool *only;	/* of these pages only those that are true here; NULL: all */
	size_t zapped;		/* 4 KiB leaf sptes that are gone */
	size_t faulted;		/* guest pages that had none and got one, by a fault for each granule */
	size_t upgraded;	/* those that had a read-only one and got a writable one, likewise */
	size_t faults;		/* pf_fixed, where prefetching is exact; 0: by a fault each, or as KVM likes */
	bool whole;		/* the host announced all of its memory, the pages among it */
	bool racing;		/* the guest ran meanwhile: counters cannot be exact, and are not asked */
	bool partial;		/* maybe not all of those pages, or none, were invalidated */
};

/* From here on; the process must have made its VM and memslots. Starts the recording of events. */
void witness_open(struct witness *w, struct vm *vm);

/* The same without events: a process whose events another one records. */
void witness_open_counters(struct witness *w, struct vm *vm);

/* Of a VM of another process, which records no events itself; mm is what its events_own_mm() said. */
void witness_open_of(struct witness *w, struct vm *vm, uint64_t mm);

/* `what` names the step in diagnostics. Judges what happened since the last step. */
void witness_step(struct witness *w, const char *what, const struct step *step);

/* The pages that its leaf sptes map, as KVM counts them. False: this kernel does not. */
bool vm_pages(const struct vm *vm, uint64_t *pages);

/* For tests that look at single events: those of the last witness_step(), until the next one. */
const struct event_list *witness_events(void);

/* For the library's main(): before the cases, and the "# witnesses:" line after them. */
void witness_init(void);
void witness_report(void);

#endif
