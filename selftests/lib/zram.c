// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/sysfile.h"
#include "lib/zram.h"

#define CONTROL "/sys/class/zram-control"

bool zram_possible(char *why, size_t size)
{
	snprintf(why, size, "zram: module not loaded and not built in");
	return sysfile_exists(CONTROL "/hot_add");
}

void zram_create(unsigned int mib, char *device, size_t size)
{
	char number[16], path[64], text[32];
	int n, err;

	/* Reading makes a device and gives its number. */
	n = sysfile_read(CONTROL "/hot_add", number, sizeof(number));
	require(n > 0, "no new zram device: %s", strerror(-n));
	keeper_add(UNDO_WRITE, CONTROL "/hot_remove", number);
	snprintf(path, sizeof(path), "/sys/block/zram%s/disksize", number);
	snprintf(text, sizeof(text), "%uM", mib);
	err = sysfile_write(path, text);
	require(!err, "zram disksize %s: %s", text, strerror(-err));
	snprintf(device, size, "/dev/zram%s", number);
	require(sysfile_exists(device), "no %s: /dev is no devtmpfs", device);
}
