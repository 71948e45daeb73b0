// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/ext2.h"
#include "lib/keeper.h"
#include "lib/knob.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/zram.h"

#define DEVICE_MIB 16
#define EVICT_TRIES 20

/* Of a file system that is known to write pages back to a block device in place. */
static bool is_on_disk(const char *dir)
{
	struct statfs fs;

	if (!dir || statfs(dir, &fs) || access(dir, W_OK))
		return false;
	return fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC;
}

static const char *find_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	if (is_on_disk(tmp))
		return tmp;
	return is_on_disk("/var/tmp") ? "/var/tmp" : NULL;
}

bool disk_file_possible(char *why, size_t size)
{
	char no_zram[128];

	if (find_dir() || zram_possible(no_zram, sizeof(no_zram)))
		return true;
	snprintf(why, size, "no ext4 or xfs at TMPDIR or /var/tmp, and %s", no_zram);
	return false;
}

static const char *make_dir(void)
{
	static char dir[64];
	char device[64];
	int err;

	zram_create(DEVICE_MIB, device, sizeof(device));
	err = ext2_format(device, DEVICE_MIB);
	require(!err, "ext2 on %s: %s", device, strerror(-err));
	snprintf(dir, sizeof(dir), "/tmp/sptest-%d", getpid());
	keeper_add(UNDO_RMDIR, dir, NULL);
	require(!mkdir(dir, 0700), "%s: %s", dir, strerror(errno));
	keeper_add(UNDO_UMOUNT, dir, NULL);
	/* ext4 does both, but goes by the name that it is asked for */
	if (mount(device, dir, "ext2", 0, NULL) && mount(device, dir, "ext4", 0, NULL))
		skip_case("kernel without ext2 and ext4");
	return dir;
}

static void allocate(struct disk_file *file)
{
	static const char zeros[GUEST_PAGE];
	size_t page;

	for (page = 0; page < file->pages; page++)
		require(pwrite(file->fd, zeros, sizeof(zeros), page * GUEST_PAGE) == sizeof(zeros),
			"write of the file: %s", strerror(errno));
	require(!fsync(file->fd), "fsync: %s", strerror(errno));
}

void disk_file_create(struct disk_file *file, size_t pages)
{
	const char *dir = find_dir();
	char path[128];

	if (!dir)
		dir = make_dir();
	file->pages = pages;
	snprintf(path, sizeof(path), "%s/sptest-file-%d", dir, getpid());
	keeper_add(UNDO_UNLINK, path, NULL);
	file->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	require(file->fd >= 0, "%s: %s", path, strerror(errno));
	file->direct_fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	require(file->direct_fd >= 0, "O_DIRECT of %s: %s", path, strerror(errno));
	allocate(file);
	/* The flusher would write the file when it likes, not when the test does. */
	knob_set("/proc/sys/vm/dirty_writeback_centisecs", "0");
}

static size_t count_cached(const struct disk_file *file)
{
	size_t size = file->pages * GUEST_PAGE, i, n = 0;
	unsigned char *in_core = calloc(file->pages, 1);
	void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, file->fd, 0);

	if (!in_core || map == MAP_FAILED || mincore(map, size, in_core))
		fail("mincore: %s", strerror(errno));
	for (i = 0; i < file->pages; i++)
		n += in_core[i] & 1;
	munmap(map, size);
	free(in_core);
	return n;
}

void disk_file_evict(struct disk_file *file)
{
	int tries;

	for (tries = 0; tries < EVICT_TRIES && count_cached(file); tries++) {
		lru_drain();
		posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
	}
	require(!count_cached(file), "%zu pages of the file stay in the page cache",
		count_cached(file));
}

static void read_direct(struct disk_file *file, void *buffer, size_t page, size_t count)
{
	size_t size = count * GUEST_PAGE;

	require(pread(file->direct_fd, buffer, size, page * GUEST_PAGE) == (ssize_t)size,
		"O_DIRECT read: %s", strerror(errno));
}

void disk_file_check_part(struct disk_file *file, const char *who, uint64_t key, size_t first, size_t count)
{
	void *buffer = memory_alloc(file->pages);

	read_direct(file, buffer, 0, file->pages);
	memory_check(who, buffer, key, first, count);
	memory_free(buffer, file->pages);
}

void disk_file_check(struct disk_file *file, const char *who, uint64_t key)
{
	disk_file_check_part(file, who, key, 0, file->pages);
}

uint64_t disk_file_word(struct disk_file *file, size_t page)
{
	uint64_t *buffer = memory_alloc(1), word;

	read_direct(file, buffer, page, 1);
	word = buffer[0];
	memory_free(buffer, 1);
	return word;
}
