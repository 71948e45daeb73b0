/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether what was done to a guest came to what it should: of counts alone, so that recorded ones can be judged again. Each
 * prints its figures, and what was wrong with the guest of that name.
 */
#ifndef SPTEST_WORKLOAD_ACTS_H
#define SPTEST_WORKLOAD_ACTS_H

#include <stdbool.h>
#include <stdio.h>

/* QEMU forked so often, and notifiers were told of all the guest's memory; why: what ended that, empty if nothing did. */
bool acts_forks_fine(FILE *out, const char *guest, unsigned long forks, unsigned long told, const char *why);

/* QEMU punched so many holes, and notifiers were told of such pieces. */
bool acts_holes_fine(FILE *out, const char *guest, unsigned long holes, unsigned long told);

/*
 * The guest switched a BAR off and on so often and found so many pages wrong, the first as in first_bad, and KVM updated so many
 * memslots: each time one was deleted and created.
 */
bool acts_memslots_fine(FILE *out, const char *guest, long long switched, long long bad, const char *first_bad,
			unsigned long updates);

/* Pages that came to node 1, came back by wish, and by NUMA balancing; why as above. */
bool acts_nodes_fine(FILE *out, const char *guest, unsigned long away, unsigned long back, unsigned long balanced,
		     const char *why);

#endif
