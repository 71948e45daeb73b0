// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/dm.h"
#include "lib/keeper.h"
#include "lib/mailbox.h"
#include "lib/scratch-disk.h"

#define CONTROL "/dev/mapper/control"
#define SECTORS (GUEST_PAGE / 512)	/* the device mapper counts in them */
#define PARAMETERS 96

/* One piece of a table, as DM_TABLE_LOAD wants it. */
struct target {
	struct dm_target_spec spec;
	char parameters[PARAMETERS];
};

#define TARGETS_MAX 3

struct table {
	struct dm_ioctl head;
	struct target target[TARGETS_MAX];
};

static int command(const char *name, unsigned long request, unsigned int flags, struct table *table)
{
	int fd = open(CONTROL, O_RDWR | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	table->head.version[0] = DM_VERSION_MAJOR;
	table->head.data_size = sizeof(*table);
	table->head.data_start = offsetof(struct table, target);
	table->head.flags = flags;
	snprintf(table->head.name, sizeof(table->head.name), "%s", name);
	err = ioctl(fd, request, table) ? -errno : 0;
	close(fd);
	return err;
}

static int simple_command(const char *name, unsigned long request, unsigned int flags)
{
	struct table table = { 0 };

	return command(name, request, flags, &table);
}

/* A piece of the device, in pages: the same piece of the disk, or nothing but errors. */
static void add_target(struct table *table, const struct dm *dm, uint64_t first, uint64_t count,
		       bool broken)
{
	struct target *target = &table->target[table->head.target_count];

	if (!count)
		return;
	table->head.target_count++;
	target->spec = (struct dm_target_spec){
		.sector_start = first * SECTORS, .length = count * SECTORS, .next = sizeof(*target),
	};
	strcpy(target->spec.target_type, broken ? "error" : "linear");
	if (!broken)
		snprintf(target->parameters, sizeof(target->parameters), "%s %lu", dm->disk,
			 first * SECTORS);
}

/* A new table takes the place of the old one when the device resumes. */
static void load(const struct dm *dm, uint64_t broken, uint64_t count)
{
	struct table table = { 0 };
	uint64_t end = broken + count;
	int err;

	add_target(&table, dm, 0, broken, false);
	add_target(&table, dm, broken, count, true);
	add_target(&table, dm, end, dm->pages - end, false);
	err = command(dm->name, DM_TABLE_LOAD, 0, &table);
	require(!err, "DM_TABLE_LOAD: %s", strerror(-err));
	err = simple_command(dm->name, DM_DEV_SUSPEND, DM_SKIP_LOCKFS_FLAG);
	require(!err, "DM_DEV_SUSPEND for a new table: %s", strerror(-err));
}

void dm_create(struct dm *dm, unsigned int mib)
{
	struct table table = { 0 };
	int err;

	*dm = (struct dm){ .pages = mib * 256UL };
	if (!scratch_disk_find(dm->disk, sizeof(dm->disk)))
		skip_case("no virtio-blk disk with the serial number " SCRATCH_DISK_SERIAL);
	snprintf(dm->name, sizeof(dm->name), "sptest-%d", getpid());
	keeper_add(UNDO_DM_CREATE, dm->name, NULL);
	err = command(dm->name, DM_DEV_CREATE, 0, &table);
	require(!err, "DM_DEV_CREATE: %s", strerror(-err));
	snprintf(dm->path, sizeof(dm->path), "/dev/dm-%u", minor(table.head.dev));
	load(dm, 0, 0);
	require(!access(dm->path, W_OK), "%s: %s", dm->path, strerror(errno));
}

void dm_break(const struct dm *dm, uint64_t first, uint64_t count)
{
	load(dm, first, count);
}

void dm_mend(const struct dm *dm)
{
	load(dm, 0, 0);
}

void dm_stop(const struct dm *dm)
{
	int err;

	keeper_add(UNDO_DM_STOP, dm->name, NULL);
	err = simple_command(dm->name, DM_DEV_SUSPEND, DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG);
	require(!err, "DM_DEV_SUSPEND: %s", strerror(-err));
}

void dm_go_on(const struct dm *dm)
{
	int err = simple_command(dm->name, DM_DEV_SUSPEND, 0);

	require(!err, "DM_DEV_SUSPEND to resume: %s", strerror(-err));
}

int dm_undo_stop(const char *name)
{
	return simple_command(name, DM_DEV_SUSPEND, 0);
}

int dm_undo_create(const char *name)
{
	return simple_command(name, DM_DEV_REMOVE, 0);
}
