/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/PID/pagemap, read in large blocks (Documentation/admin-guide/mm/pagemap.rst). */
#ifndef SPTEST_SPTE_PAGEMAP_H
#define SPTEST_SPTE_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGEMAP_BLOCK 8192	/* pages: 32 MiB of memory */

struct pagemap_block {
	int fd;
	uint64_t first;		/* page number of entries[0] */
	size_t count;
	uint64_t entries[PAGEMAP_BLOCK];
};

/* The pagemap of a process, or another file that looks like one. -errno. */
int pagemap_block_open(struct pagemap_block *pagemap, pid_t pid);
int pagemap_block_open_file(struct pagemap_block *pagemap, const char *path);
void pagemap_block_close(struct pagemap_block *pagemap);

/* Whether hva is mapped to a page in memory, and which. `end`: no page from there on is wanted. */
int pagemap_block_lookup(struct pagemap_block *pagemap, uint64_t hva, uint64_t end, bool *present,
			 uint64_t *pfn);

void pagemap_block_forget(struct pagemap_block *pagemap);

#endif
