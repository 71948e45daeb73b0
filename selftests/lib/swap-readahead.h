/* SPDX-License-Identifier: GPL-2.0-only */
/* How many pages the kernel reads at once from swap. Failures end the case. */
#ifndef SPTEST_LIB_SWAP_READAHEAD_H
#define SPTEST_LIB_SWAP_READAHEAD_H

/*
 * Has the next fault read several pages, after swap_cache_prepare(). Where it reads one only, older kernels
 * wait for that with the mmap lock held, even for who may not wait (do_poll in swap_cluster_readahead());
 * and how many it reads depends on all that was read since boot (__swapin_nr_pages()). Skips the case where it
 * cannot be had.
 */
void swap_read_several(void);

#endif
