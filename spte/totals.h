/* SPDX-License-Identifier: GPL-2.0-only */
/* A snapshot counted. */
#ifndef SPTEST_SPTE_TOTALS_H
#define SPTEST_SPTE_TOTALS_H

#include <stdint.h>

#include "spte/snapshot.h"

#define SPTE_LEVELS 3	/* of leaves: 4 KiB, 2 MiB, 1 GiB */

struct spte_totals {
	struct {
		uint64_t leaves, writable, executable, accessed, dirty;
	} level[SPTE_LEVELS];
	uint64_t mmio;
	uint64_t tables;
};

enum spte_agreement {
	TOTALS_AGREE,
	TOTALS_DIFFER,
	TOTALS_MOVED,		/* KVM's counts changed while the tables were read */
	TOTALS_UNCOUNTED,	/* KVM does not count, or not all tables could be read */
};

struct spte_totals spte_totals(const struct spte_format *format,
			       const struct spte_snapshot *snapshot);

/* Held against KVM's own pages_4k, pages_2m, pages_1g. */
enum spte_agreement spte_totals_agree(const struct spte_totals *totals,
				      const struct spte_snapshot *snapshot);

/* "4 KiB", "2 MiB", "1 GiB" for levels 1 to 3. */
const char *spte_level_name(unsigned int level);

#endif
