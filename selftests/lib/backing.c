// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/hugetlb.h"
#include "lib/keeper.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sysfile.h"

#define LARGE 512UL	/* 4 KiB pages of 2 MiB */

/* Small pages: the part cuts through 8-page windows. */
#define SMALL_SHAPE .granule = 1, .pages = 64, .middle = 24, .part = 17
#define LARGE_SHAPE .granule = LARGE, .pages = 4 * LARGE, .middle = LARGE, .part = 2 * LARGE

static const struct backing backings[] = {
	{ BACKING_ANON, "anon", SMALL_SHAPE },
	{ BACKING_MEMFD, "memfd", .shared = true, SMALL_SHAPE },
	{ BACKING_TMPFS, "tmpfs", .shared = true, SMALL_SHAPE },
	{ BACKING_HUGETLB, "hugetlb", .shared = true, LARGE_SHAPE },
	{ BACKING_FILE, "file", .shared = true, SMALL_SHAPE },
	{ BACKING_PRIVATE_FILE, "private-file", SMALL_SHAPE },
};

static const struct backing *chosen = &backings[0];

const struct backing *backing(void)
{
	return chosen;
}

const struct backing *backing_of(unsigned int bit)
{
	for (size_t i = 0; i < sizeof(backings) / sizeof(backings[0]); i++)
		if (backings[i].bit == bit)
			return &backings[i];
	return NULL;
}

void backing_choose(const struct backing *backing)
{
	chosen = backing ? backing : &backings[0];
}

static bool memfd_missing(char *why, size_t size)
{
	int fd = memfd_create("probe", MFD_CLOEXEC);

	snprintf(why, size, "memfd_create: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static bool tmpfs_missing(char *why, size_t size)
{
	char *list = sysfile_load("/proc/filesystems", NULL);
	bool found = list && strstr(list, "\ttmpfs\n");

	free(list);
	snprintf(why, size, "kernel without tmpfs");
	return !found;
}

bool backing_missing(const struct backing *backing, char *why, size_t size)
{
	switch (backing->bit) {
	case BACKING_MEMFD:
		return memfd_missing(why, size);
	case BACKING_TMPFS:
		return tmpfs_missing(why, size);
	case BACKING_HUGETLB:
		snprintf(why, size, "kernel without hugetlb pages of 2 MiB");
		return !hugetlb_possible(LARGE);
	case BACKING_FILE:
	case BACKING_PRIVATE_FILE:
		return !disk_file_possible(why, size);
	default:
		return false;
	}
}

static int make_memfd(size_t pages)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	require(fd >= 0, "memfd_create: %s", strerror(errno));
	require(!ftruncate(fd, pages * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	return fd;
}

static int make_tmpfs_file(size_t pages)
{
	static unsigned int count;
	char dir[64], path[128];
	int fd;

	snprintf(dir, sizeof(dir), "/tmp/sptest-tmpfs-%d-%u", getpid(), count++);
	keeper_add(UNDO_RMDIR, dir, NULL);
	require(!mkdir(dir, 0700), "%s: %s", dir, strerror(errno));
	keeper_add(UNDO_UMOUNT, dir, NULL);
	require(!mount("sptest", dir, "tmpfs", 0, NULL), "tmpfs at %s: %s", dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	require(fd >= 0, "%s: %s", path, strerror(errno));
	require(!ftruncate(fd, pages * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	return fd;
}

static int make_hugetlb_file(size_t pages)
{
	hugetlb_reserve(LARGE, pages / LARGE);
	return hugetlb_file(LARGE, pages / LARGE);
}

static int make_disk_file(size_t pages)
{
	struct disk_file file;

	disk_file_create(&file, pages);
	close(file.direct_fd);
	return file.fd;
}

static int make_file(size_t pages)
{
	switch (chosen->bit) {
	case BACKING_MEMFD:
		return make_memfd(pages);
	case BACKING_TMPFS:
		return make_tmpfs_file(pages);
	case BACKING_HUGETLB:
		return make_hugetlb_file(pages);
	case BACKING_FILE:
	case BACKING_PRIVATE_FILE:
		return make_disk_file(pages);
	default:
		return -1;
	}
}

void backing_alloc(struct backed *memory, size_t pages)
{
	require(pages % chosen->granule == 0, "%zu pages are no whole pages of %s", pages, chosen->name);
	memory->pages = pages;
	memory->fd = make_file(pages);
	if (memory->fd < 0)
		memory->hva = memory_alloc(pages);
	else
		memory->hva = backing_map(memory);
}

void *backing_map(const struct backed *memory)
{
	if (chosen->bit == BACKING_PRIVATE_FILE)
		return memory_map_private(memory->fd, memory->pages);
	return memory_map_file(memory->fd, memory->pages);
}
