// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of a guest are on a node without CPUs. Automatic NUMA balancing takes their sptes to see who touches
 * them; the guest's touch is a hinting fault of the vCPU, which brings the page to its own node.
 */
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/numa-scan.h"
#include "lib/numa.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define PAGES 64
#define BATCH 15	/* at most: pages that a CPU holds on their way to an LRU list (PAGEVEC_SIZE) */

/* The lower of the two has the CPUs, or this machine is not made for the test. */
static void find_nodes(int node[2])
{
	char cpus[64];

	numa_nodes(node);
	if (sysfile_read("/sys/devices/system/node/has_cpu", cpus, sizeof(cpus)) != 1 ||
	    cpus[0] - '0' != node[0])
		skip_case("no node without CPUs");
}

/*
 * Kernels of old pass over pages that somebody else holds (change_pte_range()), as a batch does those that KVM
 * has just marked accessed when it lost their sptes: they stay where they are.
 */
static size_t find_moved(const struct stage *s, int to, bool moved[PAGES])
{
	int where[PAGES];
	size_t count = 0;

	numa_where(s->slot->hva, PAGES, where);
	for (size_t i = 0; i < PAGES; i++) {
		moved[i] = where[i] == to;
		count += moved[i];
	}
	return count;
}

static void misplaced(void)
{
	struct stage s;
	bool moved[PAGES];
	int node[2];
	size_t count;

	find_nodes(node);
	stage_set(&s, PAGES);
	numa_move_pages(s.slot->hva, PAGES, node[1]);
	witness_step(&s.witness, "move_pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	stage_read(&s, "guest reads", 0, PAGES, 1, PAGES);
	lru_drain();
	numa_scan();
	/* The test guest's own memory was scanned, too. */
	witness_step(&s.witness, "NUMA scan", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = s.slot->hva, .pages = PAGES, .racing = true,
	});
	sptes_expect(s.slot, 0, PAGES, SPTES_NONE, "NUMA scan");
	numa_expect(s.slot->hva, PAGES, node[1], "NUMA scan");
	guest_fill(s.vcpu, s.slot, 0, 0, 0);
	witness_step(&s.witness, "the test guest is back", &(struct step){ .racing = true });
	lru_drain();

	guest_fill(s.vcpu, s.slot, 0, PAGES, 2);
	count = find_moved(&s, node[0], moved);
	witness_step(&s.witness, "guest writes what is on the wrong node", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .only = moved, .faulted = PAGES,
	});
	expect(count > PAGES - BATCH, "only %zu of %d pages came to node %d", count, PAGES, node[0]);
	stage_read(&s, "all read", 0, PAGES, 2, 0);
}

const struct test test = {
	.name = "misplaced",
	.group = "migrate",
	.proves = "a guest's touch brings a page to its node, once NUMA balancing took the page's spte",
	.needs = { .kvm = true, .nodes = 2, .memory_mib = 32, .files = { NUMA_BALANCING } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "misplaced", misplaced },
	},
};
