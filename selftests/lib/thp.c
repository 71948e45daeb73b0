// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sysfile.h"
#include "lib/thp.h"
#include "lib/waiting.h"

#define NEVER_MS "3600000"	/* khugepaged sleeps so long between its scans */

/*
 * khugepaged scans at once when its first process joins it (khugepaged_wait_event()), so this one does with
 * memory that is not the test's; what was never touched does not count (thp_vma_allowable_orders()).
 */
static void join_khugepaged(void)
{
	char *memory = memory_alloc(THP_PAGES);

	*memory = 1;
	madvise(memory, THP_PAGES * GUEST_PAGE, MADV_HUGEPAGE);
}

/* A knob that is written wakes it for one more scan (khugepaged_should_wakeup()). */
static void set_khugepaged_aside(void)
{
	knob_set(THP_KNOBS "khugepaged/scan_sleep_millisecs", NEVER_MS);
	knob_set(THP_KNOBS "khugepaged/alloc_sleep_millisecs", NEVER_MS);
	require(kernel_thread_waits("khugepaged"), "khugepaged does not go to sleep");
}

void thp_prepare(void)
{
	static bool joined;

	knob_set(THP_KNOBS "enabled", "madvise");
	knob_set(THP_KNOBS "defrag", "madvise");
	if (!joined)
		join_khugepaged();
	joined = true;
	set_khugepaged_aside();
}

static void *allow(void *memory, size_t pages)
{
	require(pages % THP_PAGES == 0, "%zu pages are no whole huge pages", pages);
	thp_prepare();
	require(!madvise(memory, pages * GUEST_PAGE, MADV_HUGEPAGE), "MADV_HUGEPAGE: %s",
		strerror(errno));
	return memory;
}

void *thp_alloc(size_t pages)
{
	return allow(memory_alloc(pages), pages);
}

void *thp_map_file(int fd, size_t pages)
{
	knob_set(THP_KNOBS "shmem_enabled", "advise");
	return allow(memory_map_file(fd, pages), pages);
}

void *thp_alloc_shared(size_t pages)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	require(fd >= 0 && !ftruncate(fd, pages * GUEST_PAGE), "memfd: %s", strerror(errno));
	return thp_map_file(fd, pages);
}

static const char *const huge_keys[] = { "AnonHugePages:", "ShmemPmdMapped:", "FilePmdMapped:" };
static const char *const eligible_keys[] = { "THPeligible:" };

static unsigned long number_of(const char *line, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strncmp(line, keys[i], strlen(keys[i])))
			return strtoul(line + strlen(keys[i]), NULL, 10);
	return 0;
}

/* The sum of what smaps says behind these keys of the VMA that begins there. */
static unsigned long smaps_sum(const void *memory, const char *const *keys, size_t count)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long start, end, sum = 0;
	bool here = false;
	char line[256];

	require(smaps, "/proc/self/smaps: %s", strerror(errno));
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start == (uintptr_t)memory;
		if (here)
			sum += number_of(line, keys, count);
	}
	fclose(smaps);
	return sum;
}

/* From KiB. */
size_t thp_count(const void *memory)
{
	return smaps_sum(memory, huge_keys, sizeof(huge_keys) / sizeof(huge_keys[0])) / 4;
}

bool thp_eligible(const void *memory)
{
	return smaps_sum(memory, eligible_keys, 1);
}

/* Older kernels know no process here, and say EINVAL. */
void thp_split(const void *memory, size_t pages)
{
	char text[64];
	int err;

	snprintf(text, sizeof(text), "%d,%#lx,%#lx", getpid(), (uintptr_t)memory,
		 (uintptr_t)memory + pages * GUEST_PAGE);
	err = sysfile_write(THP_SPLIT, text);
	if (err == -EINVAL)
		skip_case(THP_SPLIT " of this kernel splits all huge pages of the machine or none");
	require(!err, THP_SPLIT " <- %s: %s", text, strerror(-err));
}
