// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/displace.h"
#include "lib/ksm.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/swap.h"
#include "lib/thp.h"

#define SWAP_MIB 32
#define SPLIT_PAGE 300		/* of a huge page: where it is cut */

static int node[2];
static unsigned int moves;	/* to node[0] by an even number of them */

void *displace_alloc(enum displace how, size_t pages)
{
	void *memory = how == DISPLACE_SPLIT ? thp_alloc(pages) : memory_alloc(pages);

	if (how == DISPLACE_SWAP)
		swap_on(SWAP_MIB);
	if (how == DISPLACE_KSM) {
		ksm_prepare();
		ksm_register(memory, pages);
	}
	if (how == DISPLACE_MIGRATE)
		numa_nodes(node);
	return memory;
}

/*
 * A page of other rights cuts the VMA, and the pmd with it. It may be written all the time: a guest that is about to
 * would fault out.
 */
static void split(char *memory, size_t pages)
{
	for (size_t page = SPLIT_PAGE; page < pages; page += THP_PAGES)
		require(!mprotect(memory + page * GUEST_PAGE, GUEST_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) &&
			!mprotect(memory + page * GUEST_PAGE, GUEST_PAGE, PROT_READ | PROT_WRITE),
			"mprotect: %s", strerror(errno));
}

struct step displace(enum displace how, void *memory, size_t pages)
{
	struct step step = {
		.event = NOTIFY_CLEAR, .hva = memory, .pages = pages, .zapped = pages,
	};

	switch (how) {
	case DISPLACE_SWAP:
		swap_out(memory, pages);
		break;
	case DISPLACE_MIGRATE:
		lru_drain();
		if (!moves)
			numa_move_pages(memory, pages, node[0]);
		numa_move_pages(memory, pages, node[++moves % 2]);
		break;
	case DISPLACE_KSM:
		ksm_merge();
		break;
	case DISPLACE_SPLIT:
		split(memory, pages);
		step.also = NOTIFY_PROTECTION_VMA;
		break;
	}
	return step;
}

void displace_racing(enum displace how, void *memory, size_t pages)
{
	switch (how) {
	case DISPLACE_SWAP:
		swap_out_racing(memory, pages, pages);
		break;
	case DISPLACE_MIGRATE:
		numa_move_racing(memory, pages, node[++moves % 2]);
		break;
	case DISPLACE_KSM:
		ksm_merge();
		break;
	case DISPLACE_SPLIT:
		split(memory, pages);
		break;
	}
}
