// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_PRESENT (1UL << 63)
#define PM_SWAPPED (1UL << 62)
#define PM_SOFT_DIRTY (1UL << 55)
#define PM_PFN ((1UL << 55) - 1)
#define PM_SWAP_SLOT_SHIFT 5

static uint64_t read_entry(int fd, const char *path, uint64_t index)
{
	uint64_t entry;

	require(pread(fd, &entry, sizeof(entry), index * sizeof(entry)) == sizeof(entry), "%s: %s",
		path, strerror(errno));
	return entry;
}

static int open_table(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	require(fd >= 0, "%s: %s", path, strerror(errno));
	return fd;
}

void pagemap_read(const void *memory, struct page_state *state, size_t count)
{
	static const char map_path[] = "/proc/self/pagemap", flags_path[] = "/proc/kpageflags";
	int map = open_table(map_path), flags = open_table(flags_path);
	uint64_t entry, bits;
	size_t i;

	for (i = 0; i < count; i++) {
		entry = read_entry(map, map_path, (uintptr_t)memory / GUEST_PAGE + i);
		state[i] = (struct page_state){
			.present = entry & PM_PRESENT, .swapped = entry & PM_SWAPPED,
			.soft_dirty = entry & PM_SOFT_DIRTY,
		};
		if (state[i].swapped)
			state[i].swap_slot = (entry & PM_PFN) >> PM_SWAP_SLOT_SHIFT;
		if (!state[i].present)
			continue;
		state[i].pfn = entry & PM_PFN;
		bits = read_entry(flags, flags_path, state[i].pfn);
		state[i].ksm = bits >> KPF_KSM & 1;
		state[i].dirty = bits >> KPF_DIRTY & 1;
		state[i].writeback = bits >> KPF_WRITEBACK & 1;
		state[i].referenced = bits >> KPF_REFERENCED & 1;
		state[i].head = bits >> KPF_COMPOUND_HEAD & 1;
		state[i].tail = bits >> KPF_COMPOUND_TAIL & 1;
	}
	close(map);
	close(flags);
}

static size_t count_bits(const void *memory, size_t count, uint64_t bit)
{
	int map = open_table("/proc/self/pagemap");
	size_t i, n = 0;

	for (i = 0; i < count; i++)
		n += !!(read_entry(map, "pagemap", (uintptr_t)memory / GUEST_PAGE + i) & bit);
	close(map);
	return n;
}

size_t pagemap_count_present(const void *memory, size_t count)
{
	return count_bits(memory, count, PM_PRESENT);
}

size_t pagemap_count_swapped(const void *memory, size_t count)
{
	return count_bits(memory, count, PM_SWAPPED);
}

bool pagemap_knows_ksm(void)
{
	struct page_state state;
	char *page = memory_alloc(1);

	*page = 1;
	pagemap_read(page, &state, 1);
	memory_free(page, 1);
	return !state.ksm;
}
