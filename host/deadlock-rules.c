// SPDX-License-Identifier: GPL-2.0-only
#include "deadlock-rules.h"

#define NOTIFIER "(__)?(kvm_)?mmu_(notifier|interval)_[a-z_]*|kvm_mmu_notifier_[a-z_]*"
#define RECLAIM "shrink_(folio|page)_list|try_to_free_pages|oom_reap[a-z_]*"

const struct deadlock_rule deadlock_rules[] = {
	{ "D", "^rwsem_down_[a-z_]* < .*rmap_walk_file", "i_mmap_rwsem of a file", false,
	  "A release of the wrong kind: reclaim takes i_mmap_rwsem for reading, and who releases it as a writer leaves a reader\n"
	  "in its count and no owner. Whoever asks for it afterwards, for reading or writing, sleeps for ever; in the end that\n"
	  "is every task that allocates memory. lockdep says nothing: on release it does not look how a lock was taken.\n"
	  "Read each up_write() and up_read() of i_mmap_rwsem against the down_*() before it." },
	{ NULL, NULL, "", false,
	  "A lock without an owner: it was released in the wrong way or not at all, or its holder is gone. No change of the\n"
	  "order of locks helps; look for a release that is missing, doubled, or of another kind than what took it." },
	{ NULL, NULL, NULL, true,
	  "A circle: each of these tasks holds what the one before it waits for. Two orders of the same locks are in use." },
	{ "D", "< (" NOTIFIER ") < .*(" RECLAIM ")", NULL, false,
	  "A notifier sleeps in reclaim: what is called from there may wait neither for memory nor for a lock whose holder\n"
	  "may allocate, because the memory that would end the wait is what reclaim is looking for." },
	{ "D", "(" RECLAIM ") < .*(" NOTIFIER ") < ", NULL, false,
	  "A notifier allocates memory with reclaim: reclaim calls the notifier again, under the lock that it holds already." },
	{ "D", "^(rwsem_down_read[a-z_]* < )?down_read.* < (" NOTIFIER ")", NULL, false,
	  "A notifier takes for reading what may be held from a start to its end: starts nest, and a writer that queues\n"
	  "between two of them makes the inner one wait for the outer one." },
	{ "D", "synchronize_srcu[a-z_]* < .*(" NOTIFIER ")", NULL, false,
	  "A release or an unregister waits for the SRCU readers of notifiers: none of them may wait for it, not even through\n"
	  "memory that only it can free." },
	{ "D", "< down_(read|write)[a-z_]* < .*(kswapd|balance_pgdat|kcompactd)", NULL, false,
	  "kswapd or kcompactd sleeps on a lock: then nothing frees memory in the background, and its holder must not need\n"
	  "any to get on." },
	{ "RS", "(kvm_faultin_pfn|kvm_mmu_page_fault|is_page_fault_stale)", NULL, false,
	  "A vCPU is in a page fault and does not sleep: if it never leaves it, its fault is stale each time. An invalidation\n"
	  "that began and never ended does that (a fork that failed between start and end), and so does a sequence number\n"
	  "that is compared in fewer bits than it has." },
	{ "RS", "hva_to_pfn_retry", NULL, false,
	  "A cached page of KVM's is looked up again and again: invalidations of other ranges must not make it start anew." },
};

const size_t deadlock_rule_count = sizeof(deadlock_rules) / sizeof(deadlock_rules[0]);
