// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/knob.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define KSM "/sys/kernel/mm/ksm/"

/*
 * A page is taken for merging in the scan after the one that saw its checksum first, and the last
 * equal page may follow in the next. The scan under way when ksmd starts does not count.
 */
#define SCANS 4
#define DEADLINE_S 20

void ksm_prepare(void)
{
	knob_set(KSM "run", "0");
	/* With a rest: else it is over the same pages for as long as nobody else runs on its CPU, and each is an event. */
	knob_set(KSM "pages_to_scan", "512");
	knob_set(KSM "sleep_millisecs", "1");
	knob_try(KSM "use_zero_pages", "0");
	knob_try(KSM "advisor_mode", "none");
	/* would pass over pages that were seen unmerged before (6.7 and later) */
	knob_try(KSM "smart_scan", "0");
}

void ksm_hurry(void)
{
	knob_set(KSM "sleep_millisecs", "0");
}

void ksm_set_tree(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), KSM "%s", name);
	ksm_unmerge_all();
	knob_set(path, value);
	keeper_add(UNDO_WRITE, KSM "run", "2");
}

void ksm_register(void *memory, size_t pages)
{
	require(!madvise(memory, pages * GUEST_PAGE, MADV_MERGEABLE), "MADV_MERGEABLE: %s",
		strerror(errno));
}

void ksm_merge(void)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	uint64_t scans, goal;

	require(!sysfile_read_u64(KSM "full_scans", &goal), "no " KSM "full_scans");
	goal += SCANS;
	knob_set(KSM "run", "1");
	do {
		usleep(2000);
		require(!sysfile_read_u64(KSM "full_scans", &scans), "no " KSM "full_scans");
		require(time(NULL) <= deadline, "ksmd made only %lu of %d scans", scans + SCANS - goal,
			SCANS);
	} while (scans < goal);
	knob_set(KSM "run", "0");
}

void ksm_unmerge(void *memory, size_t pages)
{
	require(!madvise(memory, pages * GUEST_PAGE, MADV_UNMERGEABLE), "MADV_UNMERGEABLE: %s",
		strerror(errno));
}

void ksm_unmerge_all(void)
{
	knob_set(KSM "run", "2");
	knob_set(KSM "run", "0");
}
