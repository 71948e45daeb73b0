// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <unistd.h>

#include "lib/active-list.h"
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/pagemap.h"
#include "lib/swap.h"
#include "lib/scratch-disk.h"
#include "lib/sysfile.h"
#include "lib/zram.h"

/* Version 1 of the swap header, union swap_header in include/linux/swap.h. */
#define HEADER_INFO 1024
#define HEADER_MAGIC "SWAPSPACE2"

#define TRIES 100
#define RACING_TRIES 5
#define WINDOW 8

static char device[64];

bool swap_possible(char *why, size_t size)
{
	return zram_possible(why, size);
}

static void write_header(unsigned int mib)
{
	char page[GUEST_PAGE] = { 0 };
	uint32_t version = 1, last_page = mib * 256 - 1;
	int fd;

	memcpy(page + HEADER_INFO, &version, sizeof(version));
	memcpy(page + HEADER_INFO + 4, &last_page, sizeof(last_page));
	memcpy(page + sizeof(page) - 10, HEADER_MAGIC, 10);
	fd = open(device, O_WRONLY | O_CLOEXEC | O_SYNC);
	require(fd >= 0 && write(fd, page, sizeof(page)) == sizeof(page), "swap header on %s: %s",
		device, strerror(errno));
	close(fd);
}

static void start(unsigned int mib)
{
	write_header(mib);
	keeper_add(UNDO_SWAPOFF, device, NULL);
	require(!swapon(device, SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK), "swapon of %s: %s", device,
		strerror(errno));
}

void swap_on(unsigned int mib)
{
	zram_create(mib, device, sizeof(device));
	start(mib);
}

void swap_on_device(const char *path, unsigned int mib)
{
	snprintf(device, sizeof(device), "%s", path);
	start(mib);
}

void swap_on_disk(unsigned int mib)
{
	if (!scratch_disk_find(device, sizeof(device)))
		skip_case("no virtio-blk disk with the serial number " SCRATCH_DISK_SERIAL);
	start(mib);
}

void swap_need_none(void)
{
	char *text = sysfile_load("/proc/swaps", NULL), *line = text ? strchr(text, '\n') : NULL;
	bool none = !line || !line[1];

	free(text);
	if (!none)
		skip_case("there is swap already (/proc/swaps)");
}

void swap_off(void)
{
	require(!swapoff(device), "swapoff of %s: %s", device, strerror(errno));
}

/* unuse_pte_range() takes a swap entry that has no user any more, but SWAP_HAS_CACHE, for one that it could not read. */
void swap_off_racing(void)
{
	int tries, err = -1;

	for (tries = 0; tries < RACING_TRIES && err; tries++) {
		err = swapoff(device);
		require(!err || errno == ENOMEM, "swapoff of %s: %s", device, strerror(errno));
	}
	require(!err, "swapoff of %s gave up %d times for want of memory", device, RACING_TRIES);
	if (tries > 1)
		diag("swapoff gave up with ENOMEM %d times: a bug of 6.15 to 6.18", tries - 1);
}

void swap_out_once(void *memory, size_t pages)
{
	lru_drain();
	require(!madvise(memory, pages * GUEST_PAGE, MADV_PAGEOUT), "MADV_PAGEOUT: %s",
		strerror(errno));
}

/*
 * Before 6.6 or so MADV_PAGEOUT leaves a page alone that was referenced since the last time, also by an
 * spte. A few pages, twice in a row, have a chance while the guest is at others.
 */
static void page_out_twice(char *memory, size_t pages)
{
	size_t page, n;

	lru_drain();
	for (page = 0; page < pages; page += WINDOW) {
		n = pages - page < WINDOW ? pages - page : WINDOW;
		madvise(memory + page * GUEST_PAGE, n * GUEST_PAGE, MADV_PAGEOUT);
		madvise(memory + page * GUEST_PAGE, n * GUEST_PAGE, MADV_PAGEOUT);
	}
}

static void expect_swapped(const char *how, const void *memory, size_t pages)
{
	size_t swapped = pagemap_count_swapped(memory, pages);

	require(swapped == pages, "%s: only %zu of %zu pages are swapped after %d tries", how, swapped,
		pages, TRIES);
}

void swap_out(void *memory, size_t pages)
{
	int tries;

	for (tries = 0; tries < TRIES && pagemap_count_swapped(memory, pages) < pages; tries++)
		swap_out_once(memory, pages);
	expect_swapped("MADV_PAGEOUT", memory, pages);
}

void swap_out_some_by_cgroup(size_t pages)
{
	lru_drain();
	cgroup_reclaim(pages * GUEST_PAGE);
}

void swap_out_by_cgroup(void *memory, size_t pages)
{
	int tries;

	for (tries = 0; tries < TRIES && pagemap_count_swapped(memory, pages) < pages; tries++) {
		active_list_fill();
		swap_out_some_by_cgroup(pages);
	}
	expect_swapped("memory.reclaim", memory, pages);
}

static uint64_t pages_written(void)
{
	uint64_t count = 0;

	require(sysfile_key_u64("/proc/vmstat", "pswpout", &count), "no pswpout in /proc/vmstat");
	return count;
}

uint64_t swap_out_racing(void *memory, size_t pages, size_t goal)
{
	uint64_t before = pages_written();
	int tries;

	for (tries = 0; tries < RACING_TRIES && pages_written() - before < goal; tries++)
		page_out_twice(memory, pages);
	return pages_written() - before;
}
