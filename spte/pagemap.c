// SPDX-License-Identifier: GPL-2.0-only
#include "spte/pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PRESENT (1ULL << 63)
#define PFN ((1ULL << 55) - 1)

int pagemap_block_open_file(struct pagemap_block *pagemap, const char *path)
{
	pagemap->fd = open(path, O_RDONLY | O_CLOEXEC);
	pagemap->count = 0;
	return pagemap->fd < 0 ? -errno : 0;
}

int pagemap_block_open(struct pagemap_block *pagemap, pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	return pagemap_block_open_file(pagemap, path);
}

void pagemap_block_close(struct pagemap_block *pagemap)
{
	if (pagemap->fd >= 0)
		close(pagemap->fd);
	pagemap->fd = -1;
}

void pagemap_block_forget(struct pagemap_block *pagemap)
{
	pagemap->count = 0;
}

static int load(struct pagemap_block *pagemap, uint64_t page, uint64_t end)
{
	size_t wanted = end > page && end - page < PAGEMAP_BLOCK ? end - page : PAGEMAP_BLOCK;
	ssize_t n = pread(pagemap->fd, pagemap->entries, wanted * 8, page * 8);

	pagemap->count = 0;
	if (n < 8)
		return n < 0 ? -errno : -EIO;
	pagemap->first = page;
	pagemap->count = n / 8;
	return 0;
}

int pagemap_block_lookup(struct pagemap_block *pagemap, uint64_t hva, uint64_t end, bool *present,
			 uint64_t *pfn)
{
	uint64_t page = hva >> 12, entry;
	int err;

	if (page - pagemap->first >= pagemap->count) {
		err = load(pagemap, page, (end + 4095) >> 12);
		if (err)
			return err;
	}
	entry = pagemap->entries[page - pagemap->first];
	*present = entry & PRESENT;
	*pfn = entry & PFN;
	return 0;
}
