// SPDX-License-Identifier: GPL-2.0-only
/*
 * Automatic NUMA balancing takes the rights from a guest's pages to see who touches them
 * (change_prot_numa()). The guest loses its sptes for that, has them back with its next access, and
 * reads what it wrote.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/numa-scan.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define BATCH 15	/* at most: pages that a CPU holds on their way to an LRU list (PAGEVEC_SIZE) */

static struct stage s;

/* What is on the node of the CPU that touches it stays there. */
static void stay_on_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	require(!sched_setaffinity(0, sizeof(cpus), &cpus), "sched_setaffinity: %s", strerror(errno));
}

static void *sleep_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* A process with one thread keeps the rights to pages of its own node (change_pte_range()). */
static void add_thread(void)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, sleep_for_ever, NULL);

	require(!err, "pthread_create: %s", strerror(err));
}

static uint64_t count_faults(void)
{
	static const char key[] = "numa_hint_faults";
	uint64_t value = 0;

	require(sysfile_key_u64("/proc/vmstat", key, &value), "/proc/vmstat has no %s", key);
	return value;
}

static void hinting_faults(void)
{
	uint64_t faults;

	stay_on_cpu();
	add_thread();
	stage_set(&s, PAGES);
	lru_drain();
	numa_scan();
	/* The test guest's own memory was scanned, too. */
	witness_step(&s.witness, "NUMA scan", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = s.slot->hva, .pages = PAGES, .racing = true,
	});
	sptes_expect(s.slot, 0, PAGES, SPTES_NONE, "NUMA scan");
	guest_fill(s.vcpu, s.slot, 0, 0, 0);
	witness_step(&s.witness, "the test guest is back", &(struct step){ .racing = true });

	/*
	 * Kernels of old pass over pages that somebody else holds (change_pte_range()), as a batch does those that
	 * KVM has just marked accessed when it lost their sptes.
	 */
	faults = count_faults();
	stage_read(&s, "all read", 0, PAGES, 1, PAGES);
	expect(count_faults() > faults + PAGES - BATCH, "only %lu NUMA hinting faults for %d pages",
	       count_faults() - faults, PAGES);
	stage_write(&s, "guest writes again", 0, PAGES, 2, 0);
	sptes_expect(s.slot, 0, PAGES, SPTES_WRITABLE, "guest writes again");
	stage_read(&s, "all read again", 0, PAGES, 2, 0);
}

const struct test test = {
	.name = "hinting",
	.group = "protect",
	.proves = "a page that NUMA balancing made to fault is not mapped in the guest until it faults",
	.needs = { .kvm = true, .nodes = 2, .memory_mib = 32, .files = { NUMA_BALANCING } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "hinting-faults", hinting_faults },
	},
};
