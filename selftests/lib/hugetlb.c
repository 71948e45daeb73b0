// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/hugetlb.h"
#include "lib/knob.h"
#include "lib/known-callers.h"
#include "lib/mailbox.h"
#include "lib/sysfile.h"

#define POOL "/sys/kernel/mm/hugepages/hugepages-%zukB/%s"

static bool read_pool(size_t size, const char *file, uint64_t *value)
{
	char path[128];

	snprintf(path, sizeof(path), POOL, size * 4, file);
	return !sysfile_read_u64(path, value);
}

bool hugetlb_possible(size_t size)
{
	uint64_t unused;

	return read_pool(size, "free_hugepages", &unused);
}

void hugetlb_reserve(size_t size, size_t count)
{
	uint64_t all, unused;
	char path[128], value[32];

	if (!read_pool(size, "free_hugepages", &unused) || !read_pool(size, "nr_hugepages", &all))
		skip_case("neither CPU nor kernel offer hugetlb pages of %zu MiB", size * 4 / 1024);
	if (unused >= count)
		return;
	snprintf(path, sizeof(path), POOL, size * 4, "nr_hugepages");
	snprintf(value, sizeof(value), "%lu", (unsigned long)(all + count - unused));
	knob_set(path, value);
	require(read_pool(size, "free_hugepages", &unused), "%s: cannot be read", path);
	if (unused < count)
		skip_case("%lu of %zu hugetlb pages of %zu MiB could be reserved at run time", unused,
			  count, size * 4 / 1024);
}

int hugetlb_file(size_t size, size_t count)
{
	unsigned int log = __builtin_ctzl(size * GUEST_PAGE);
	int fd = memfd_create("guest", MFD_CLOEXEC | MFD_HUGETLB | log << MAP_HUGE_SHIFT);

	require(fd >= 0, "memfd_create(MFD_HUGETLB): %s", strerror(errno));
	require(!ftruncate(fd, size * count * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	return fd;
}

uint64_t hugetlb_find(size_t size)
{
	const uint64_t huge = 1ul << KPF_HUGE;
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t pfn, flags = 0;
	ssize_t n;

	require(fd >= 0, "/proc/kpageflags: %s", strerror(errno));
	for (pfn = 0; !(flags & huge); pfn += size) {
		n = pread(fd, &flags, sizeof(flags), pfn * sizeof(flags));
		require(n == sizeof(flags), "no hugetlb page of %zu MiB in the pool", size * 4 / 1024);
	}
	close(fd);
	return pfn - size;
}

/*
 * Newer kernels tell of it in unmap_hugepage_range(), whose callers all say CLEAR; older ones
 * below it, where it was UNMAP for everybody.
 */
enum notify hugetlb_unmap_event(void)
{
	return known_callers_have("__unmap_hugepage_range") ? NOTIFY_UNMAP : NOTIFY_CLEAR;
}
