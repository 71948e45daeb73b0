// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/lru.h"
#include "lib/mailbox.h"

/*
 * move_pages() begins with lru_add_drain_all() (migrate_prep() to 5.17, then lru_cache_disable()),
 * whatever it is to move: here one page, to the node on which it is.
 */
void lru_drain(void)
{
	static char page[GUEST_PAGE] __attribute__((aligned(4096)));
	void *pages[] = { page };
	int node = 0, status;

	page[0] = 1;
	if (!syscall(SYS_move_pages, 0, 1UL, pages, NULL, &status, 0) && status >= 0)
		node = status;
	syscall(SYS_move_pages, 0, 1UL, pages, &node, &status, MPOL_MF_MOVE);
}
