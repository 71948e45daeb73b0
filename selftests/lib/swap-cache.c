// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/active-list.h"
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/swap-cache.h"
#include "lib/swap.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define TRIES 100
#define RECLAIM (2UL << 20)	/* bytes at once: more than the case has in memory that may go */
#define DEADLINE_S 10

void swap_cache_prepare(void)
{
	cgroup_enter();
	require(!mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT), "mlockall: %s", strerror(errno));
}

void swap_cache_allow(void *memory, size_t pages)
{
	require(!munlock(memory, pages * GUEST_PAGE), "munlock: %s", strerror(errno));
}

uint64_t swap_reads(void)
{
	uint64_t count = 0;

	require(sysfile_key_u64("/proc/vmstat", "pswpin", &count), "no pswpin in /proc/vmstat");
	return count;
}

/* Not those of this process only: KVM has a page brought in by a worker. */
static bool somebody_reads(void)
{
	bool found = false;
	glob_t stacks;
	char *text;

	require(!glob("/proc/[0-9]*/task/*/stack", 0, NULL, &stacks), "no stacks in /proc");
	for (size_t i = 0; i < stacks.gl_pathc && !found; i++) {
		text = sysfile_load(stacks.gl_pathv[i], NULL);
		found = text && strstr(text, "do_swap_page+");
		free(text);
	}
	globfree(&stacks);
	return found;
}

bool swap_wait_for_reader(void)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();

	while (!somebody_reads()) {
		if (time(NULL) > deadline)
			return false;
		usleep(1000);
	}
	return true;
}

/* mincore_pte_range() in mm/mincore.c looks a swap entry up in the swap cache. */
size_t swap_cache_count(void *memory, size_t pages)
{
	unsigned char *cached = calloc(pages, 1);
	size_t page, count = 0;

	if (!cached || mincore(memory, pages * GUEST_PAGE, cached))
		fail("mincore: %s", strerror(errno));
	for (page = 0; page < pages; page++)
		count += cached[page] & 1;
	free(cached);
	return count;
}

void swap_cache_drop(void)
{
	active_list_fill();
	lru_drain();
	cgroup_reclaim(RECLAIM);
}

void swap_out_fully(void *memory, size_t pages)
{
	int tries;

	swap_out(memory, pages);
	for (tries = 0; tries < TRIES && swap_cache_count(memory, pages); tries++)
		swap_cache_drop();
	require(!swap_cache_count(memory, pages), "%zu of %zu pages are in the swap cache after %d tries",
		swap_cache_count(memory, pages), pages, TRIES);
}
