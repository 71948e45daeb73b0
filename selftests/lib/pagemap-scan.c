// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/pagemap-scan.h"

/* linux/fs.h, since 6.7 */
#ifndef PAGEMAP_SCAN
#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_WRITTEN (1 << 1)
#define PM_SCAN_WP_MATCHING (1 << 0)
#define PM_SCAN_CHECK_WPASYNC (1 << 1)

struct page_region {
	uint64_t start, end, categories;
};

struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#endif

static void note(const struct page_region *region, uintptr_t start, size_t pages, bool *written)
{
	for (uint64_t at = region->start; at < region->end; at += GUEST_PAGE) {
		require(at >= start && (at - start) / GUEST_PAGE < pages,
			"PAGEMAP_SCAN tells of %#lx, which it was not asked for", at);
		written[(at - start) / GUEST_PAGE] = true;
	}
}

int pagemap_scan_protect(int pagemap, void *memory, size_t pages)
{
	struct pm_scan_arg scan = {
		.size = sizeof(scan), .flags = PM_SCAN_CHECK_WPASYNC | PM_SCAN_WP_MATCHING,
		.start = (uintptr_t)memory, .end = (uintptr_t)memory + pages * GUEST_PAGE,
		.category_mask = PAGE_IS_WRITTEN, .return_mask = PAGE_IS_WRITTEN,
	};

	return ioctl(pagemap, PAGEMAP_SCAN, &scan) < 0 ? -errno : 0;
}

void pagemap_scan_written(void *memory, size_t pages, bool protect, bool *written)
{
	struct page_region *regions = calloc(pages, sizeof(*regions));
	struct pm_scan_arg scan = {
		.size = sizeof(scan),
		.flags = PM_SCAN_CHECK_WPASYNC | (protect ? PM_SCAN_WP_MATCHING : 0),
		.start = (uintptr_t)memory, .end = (uintptr_t)memory + pages * GUEST_PAGE,
		.vec = (uintptr_t)regions, .vec_len = pages,
		.category_mask = PAGE_IS_WRITTEN, .return_mask = PAGE_IS_WRITTEN,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), count;

	require(fd >= 0 && regions, "/proc/self/pagemap: %s", strerror(errno));
	count = ioctl(fd, PAGEMAP_SCAN, &scan);
	if (count < 0 && errno == ENOTTY)
		skip_case("kernel without PAGEMAP_SCAN");
	require(count >= 0, "PAGEMAP_SCAN: %s", strerror(errno));
	require(scan.walk_end == scan.end, "PAGEMAP_SCAN stopped at %#lx of %#lx-%#lx",
		(uint64_t)scan.walk_end, (uint64_t)scan.start, (uint64_t)scan.end);
	memset(written, false, pages * sizeof(*written));
	for (int i = 0; i < count; i++)
		note(&regions[i], (uintptr_t)memory, pages, written);
	close(fd);
	free(regions);
}
