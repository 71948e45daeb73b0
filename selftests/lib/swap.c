// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/mailbox.h"
#include "lib/swap.h"
#include "lib/zram.h"

/* Version 1 of the swap header, union swap_header in include/linux/swap.h. */
#define HEADER_INFO 1024
#define HEADER_MAGIC "SWAPSPACE2"

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

void swap_on(unsigned int mib)
{
	zram_create(mib, device, sizeof(device));
	write_header(mib);
	keeper_add(UNDO_SWAPOFF, device, NULL);
	require(!swapon(device, SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK), "swapon of %s: %s", device,
		strerror(errno));
}

void swap_off(void)
{
	require(!swapoff(device), "swapoff of %s: %s", device, strerror(errno));
}
