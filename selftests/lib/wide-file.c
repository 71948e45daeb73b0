// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/thp.h"
#include "lib/wide-file.h"

#define TABLES 256
#define SIZE (TABLES * THP_PAGES * GUEST_PAGE)

void wide_file_map(int fd)
{
	const char *memory;

	require(!ftruncate(fd, SIZE), "ftruncate: %s", strerror(errno));
	memory = memory_map_file(fd, TABLES * THP_PAGES);
	for (size_t table = 0; table < TABLES; table++)
		(void)*(volatile const char *)(memory + table * THP_PAGES * GUEST_PAGE);
}

void wide_file_punch(int fd, size_t first)
{
	require(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first * GUEST_PAGE,
			   SIZE - first * GUEST_PAGE), "fallocate: %s", strerror(errno));
}
