// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/active-list.h"
#include "lib/check.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"

#define PAGES 128

/* Also in a process that has locked its memory (lib/swap-cache.c). */
static char *alloc(void)
{
	char *memory = memory_alloc(PAGES);

	require(!munlock(memory, PAGES * GUEST_PAGE), "munlock: %s", strerror(errno));
	return memory;
}

/* A page that is looked at twice goes there (mark_page_accessed()). */
void active_list_fill(void)
{
	static char *memory, bytes[PAGES];
	struct iovec from[PAGES], to = { bytes, sizeof(bytes) };

	if (!memory)
		memory = alloc();
	for (size_t page = 0; page < PAGES; page++) {
		memory[page * GUEST_PAGE] = 1;
		from[page] = (struct iovec){ memory + page * GUEST_PAGE, 1 };
	}
	for (int twice = 0; twice < 2; twice++) {
		lru_drain();
		require(process_vm_readv(getpid(), &to, 1, from, PAGES, 0) == PAGES, "process_vm_readv: %s",
			strerror(errno));
	}
}
