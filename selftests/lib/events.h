/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel told its MMU notifiers, and what KVM made of it: kprobe events on the notifier
 * entry points and KVM's tracepoints, in a tracefs instance of the test's own.
 */
#ifndef SPTEST_LIB_EVENTS_H
#define SPTEST_LIB_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CALLER_SIZE 96

/* What a test wants to see (struct test.events). */
enum {
	EVENTS_RANGE = 1,	/* invalidate_range_start and _end, release; kvm_unmap_hva_range */
	EVENTS_AGE = 2,		/* clear_flush_young, clear_young, test_young; kvm_age_hva, kvm_test_age_hva */
	EVENTS_SPTE = 4,	/* kvm_tdp_mmu_spte_changed, kvm_mmu_set_spte */
	EVENTS_LIFE = 8,	/* __mmu_notifier_register, mmu_notifier_unregister */
	EVENTS_FORK = 16,	/* sched_process_fork */
	EVENTS_WINDOW = 32,	/* kvm_mmu_set_spte inside of invalidations, and when their start was heard */
	EVENTS_INJECTED = 64,	/* allocations that fault injection made fail */
};

/* enum mmu_notifier_event of the kernel; its values are taken from BTF by name. */
enum notify {
	NOTIFY_NONE,
	NOTIFY_UNMAP,
	NOTIFY_CLEAR,
	NOTIFY_PROTECTION_VMA,
	NOTIFY_PROTECTION_PAGE,
	NOTIFY_SOFT_DIRTY,
	NOTIFY_RELEASE,
	NOTIFY_MIGRATE,
	NOTIFY_EXCLUSIVE,
	NOTIFY_UNKNOWN,
};

enum event_kind {
	EVENT_HEARD,		/* the return of a start; becomes `heard_us` of it */
	EVENT_START,
	EVENT_END,
	EVENT_RELEASE,
	EVENT_YOUNG_ANSWER,	/* the return of one of the three; becomes `young` of its event */
	EVENT_CLEAR_FLUSH_YOUNG,
	EVENT_CLEAR_YOUNG,
	EVENT_TEST_YOUNG,
	EVENT_KVM_UNMAP,
	EVENT_KVM_AGE,
	EVENT_KVM_TEST_AGE,
	EVENT_SPTE_CHANGED,
	EVENT_SPTE_SET,
	EVENT_REGISTER,
	EVENT_UNREGISTER,
	EVENT_FORK,
	EVENT_INJECTED,
	EVENT_STEP,		/* no event: the story of the test got that far */
	EVENT_FAILURE,		/* nor this: something was not as expected */
	EVENT_KINDS,
};

struct event {
	enum event_kind kind;
	enum notify notify;		/* EVENT_START, EVENT_END */
	uint64_t us;			/* since boot, CLOCK_MONOTONIC */
	pid_t task;			/* in whose context it happened */
	bool refusable;			/* EVENT_START: not blockable, so that a notifier may refuse it */
	uint64_t heard_us;		/* EVENT_START: when all notifiers had agreed to it; 0: not known */
	uint64_t mm;			/* kernel address; 0 for KVM's tracepoints */
	uint64_t start, end;		/* hva range ; of an EVENT_SPTE_SET: 0, see mappings.h */
	enum { YOUNG_UNKNOWN, YOUNG_NO, YOUNG_YES } young;	/* EVENT_..._YOUNG: what KVM said */
	uint64_t gfn, old_spte, new_spte;	/* EVENT_SPTE_... */
	int level;
	pid_t child;			/* EVENT_FORK */
	char caller[CALLER_SIZE];	/* symbol+offset that called; of a step or failure its text */
};

struct event_list {
	struct event *event;
	size_t count;
};

/*
 * Once, before the cases: makes the instance and the probes. False: this kernel has no events to
 * offer, and events_missing() says why.
 */
bool events_open(unsigned int wanted);
const char *events_missing(void);	/* NULL: they are there */
bool events_have(enum event_kind kind);

/*
 * In a case: from now on events of this process (which must have a VM already, or there are no
 * notifications) and of those added are recorded. Learns its mm by an munmap.
 */
void events_begin(void);

/* The same for events of another process, which gave its mm, and none of this one. */
void events_begin_of(uint64_t mm);
/* Another process of the case calls this; the recording process then includes it by the result. */
uint64_t events_own_mm(void);
void events_add_mm(uint64_t mm);

/* After the case's processes: what they left unread goes into its record (record.h). */
void events_end(void);

/* All since the last call; free with events_free(). Events lost for want of space fail the case. */
struct event_list events_read(void);
void events_free(struct event_list *list);

const char *notify_name(enum notify notify);

#endif
