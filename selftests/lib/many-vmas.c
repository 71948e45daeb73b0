// SPDX-License-Identifier: GPL-2.0-only
#include "many-vmas.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "mailbox.h"
#include "memory.h"

static size_t count_vmas(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	size_t count = 0;
	int c;

	require(maps, "/proc/self/maps: %s", strerror(errno));
	while ((c = getc(maps)) != EOF)
		count += c == '\n';
	fclose(maps);
	return count;
}

/* Each page differs from its neighbours in what is allowed, so that it is a VMA of its own. */
static void cut(char *memory, size_t pages)
{
	*memory = 1;	/* all have one anon_vma then, or are in one file */
	for (size_t i = 0; i < pages; i += 2)
		require(!mprotect(memory + i * GUEST_PAGE, GUEST_PAGE, PROT_READ), "mprotect: %s",
			strerror(errno));
}

char *many_vmas_add(size_t count)
{
	size_t pages = count / 2, before = count_vmas();
	int fd = memfd_create("vmas", MFD_CLOEXEC);
	char *memory;

	require(fd >= 0 && !ftruncate(fd, pages * GUEST_PAGE), "memfd: %s", strerror(errno));
	memory = memory_map_file(fd, pages);
	close(fd);
	cut(memory, pages);
	memory = memory_alloc(pages);
	cut(memory, pages);
	require(count_vmas() >= before + count, "there are %zu VMAs, expected %zu more than %zu",
		count_vmas(), count, before);
	return memory + (pages - 1) * GUEST_PAGE;
}
