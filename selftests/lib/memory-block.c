// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/mailbox.h"
#include "lib/memory-block.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define ONLINE "online_movable"
#define DEADLINE_S 20
#define PATH_SIZE 128

static void state_path(char path[PATH_SIZE], unsigned long block)
{
	snprintf(path, PATH_SIZE, MEMORY_BLOCKS "memory%lu/state", block);
}

unsigned long memory_block_of(uint64_t pfn)
{
	char text[32];

	/* in hexadecimal, without a prefix */
	require(sysfile_read(MEMORY_BLOCKS "block_size_bytes", text, sizeof(text)) > 0,
		"no " MEMORY_BLOCKS "block_size_bytes");
	return pfn * GUEST_PAGE / strtoul(text, NULL, 16);
}

/* Only of ZONE_MOVABLE can be sure that what is in it moves. */
static bool is_movable(unsigned long block)
{
	char path[PATH_SIZE], zones[128];

	snprintf(path, sizeof(path), MEMORY_BLOCKS "memory%lu/valid_zones", block);
	return sysfile_read(path, zones, sizeof(zones)) > 0 && !strncmp(zones, "Movable", 7);
}

/* EBUSY, EAGAIN: a page was held by somebody for a moment. */
void memory_block_offline(unsigned long block)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	char path[PATH_SIZE];
	int err;

	if (!is_movable(block))
		skip_case("memory block %lu is not of ZONE_MOVABLE", block);
	state_path(path, block);
	keeper_add(UNDO_ONLINE, path, ONLINE);
	do {
		err = sysfile_write(path, "offline");
	} while ((err == -EBUSY || err == -EAGAIN) && time(NULL) <= deadline);
	require(!err, "%s <- offline: %s", path, strerror(-err));
}

void memory_block_online(unsigned long block)
{
	char path[PATH_SIZE];
	int err;

	state_path(path, block);
	err = sysfile_write(path, ONLINE);
	require(!err, "%s <- " ONLINE ": %s", path, strerror(-err));
}
