// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/collapse.h"
#include "lib/knob.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/thp.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define KHUGEPAGED THP_KNOBS "khugepaged/"
#define DEADLINE_S 20
/* The scan under way when it wakes up may have passed the memory already. */
#define SCANS 2

void collapse_prepare(void)
{
	thp_prepare();
	knob_try(THP_KNOBS "shmem_enabled", "advise");
	knob_set(KHUGEPAGED "defrag", "1");
	knob_set(KHUGEPAGED "pages_to_scan", "100000");
	knob_set(KHUGEPAGED "max_ptes_none", "511");
	knob_set(KHUGEPAGED "max_ptes_swap", "64");
	knob_try(KHUGEPAGED "max_ptes_shared", "256");
}

void collapse_allow(void *memory, size_t pages)
{
	require(!madvise(memory, pages * GUEST_PAGE, MADV_HUGEPAGE), "MADV_HUGEPAGE: %s",
		strerror(errno));
}

/* EAGAIN: a page that is in a per-CPU batch or held by somebody for a moment. */
void collapse_now(void *memory, size_t pages)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	int err;

	do {
		lru_drain();
		err = madvise(memory, pages * GUEST_PAGE, MADV_COLLAPSE) ? errno : 0;
	} while (err == EAGAIN && time(NULL) <= deadline);
	if (err == EINVAL && madvise(memory, 0, MADV_COLLAPSE))
		skip_case("kernel without MADV_COLLAPSE");
	require(!err, "MADV_COLLAPSE: %s", strerror(err));
}

void khugepaged_scan(void)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	uint64_t scans, goal;

	lru_drain();
	require(!sysfile_read_u64(KHUGEPAGED "full_scans", &goal), "no " KHUGEPAGED "full_scans");
	goal += SCANS;
	/* Not 0: without a rest it is over the same pages for as long as nobody else runs on its CPU. */
	knob_set(KHUGEPAGED "scan_sleep_millisecs", "1");
	do {
		usleep(2000);
		require(!sysfile_read_u64(KHUGEPAGED "full_scans", &scans), "no full_scans");
		require(time(NULL) <= deadline, "khugepaged made only %lu of %d scans",
			scans + SCANS - goal, SCANS);
	} while (scans < goal);
	thp_prepare();
}
