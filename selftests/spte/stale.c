// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fault looks up the page behind a gfn, with the right to write it, and maps it only after that. In between
 * fork() takes that right away, start and end of the invalidation both: nothing but KVM's sequence number tells the
 * fault that what it found out is not so any more (is_page_fault_stale() in arch/x86/kvm/mmu/mmu.c).
 *
 * KVM maps pages ahead here, so that it is at nothing but faults. And fork() flushes TLBs after the end
 * (dup_mmap()): what waits for the CPU that faults would let it go on before.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/pre-fault.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/turns.h"
#include "lib/witness.h"

#define PAGES 512
#define RACES 60

static struct stage s;
static struct spte_view views[PAGES];

static void map_all(void)
{
	size_t mapped;

	pre_fault(s.vcpu, s.slot, 0, PAGES, &mapped);
}

static void *mapper(void *unused)
{
	turns_take(map_all);
	return unused;
}

/* So that the host's page table allows it again, of whoever had a copy of it. */
static void write_all(void)
{
	for (size_t page = 0; page < PAGES; page++)
		*(volatile uint64_t *)slot_page(s.slot, page) += 1;
}

static uint64_t measure_us(void (*act)(void))
{
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	act();
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000;
}

struct found {
	size_t mapped, writable;
};

static struct found find_sptes(void)
{
	struct found found = { 0 };

	require(sptes_read(s.slot, 0, PAGES, views), "the sptes cannot be read");
	for (size_t page = 0; page < PAGES; page++) {
		found.mapped += views[page].mapped;
		found.writable += views[page].writable;
	}
	return found;
}

/* Whether fork() came in the midst: it zapped what was mapped before, the rest was mapped after it. */
static bool race(uint64_t takes_us)
{
	struct peer child;
	struct found found;

	write_all();
	turns_grant(0, 1);
	usleep(random() % takes_us);
	peer_start(&child, "the child");
	turns_pause();
	found = find_sptes();
	expect(!found.writable, "fork shares %zu pages that the guest may write all the same", found.writable);
	peer_kill(&child);
	return found.mapped && found.mapped < PAGES;
}

static void forked(void)
{
	pthread_t thread;
	uint64_t takes_us;
	const char *why = sptes_missing();
	size_t met = 0;

	if (why)
		skip_case("%s", why);
	srandom(test_seed);
	stage_make(&s, memory_alloc(PAGES), PAGES);
	if (!pre_fault_possible(s.vcpu, &why))
		skip_case("%s", why);
	turns_prepare();
	witness_open(&s.witness, &s.vm);
	write_all();
	takes_us = measure_us(map_all) + 1;
	require(find_sptes().writable == PAGES, "KVM does not map writable what may be written");
	require(!pthread_create(&thread, NULL, mapper, NULL), "no thread");
	for (int i = 0; i < RACES; i++)
		met += race(takes_us);
	turns_stop();
	pthread_join(thread, NULL);
	witness_step(&s.witness, "forks while KVM maps pages ahead", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .also = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES,
		.racing = true,
	});
	if (!met && !check_failed())
		skip_case("no fork came while KVM was mapping");
}

const struct test test = {
	.name = "stale",
	.group = "spte",
	.proves = "no fault grants a right that was taken away since it looked",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "forked", forked },
	},
};
