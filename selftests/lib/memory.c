// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define ALIGN (2UL << 20)
#define VERSIONS_EXPLAINED 32

/* Address space of `pages` pages between guards; the guards stay reserved with the rest. */
static char *reserve(size_t pages)
{
	size_t size = pages * GUEST_PAGE, room = size + 2 * ALIGN;
	char *base, *memory;

	base = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	require(base != MAP_FAILED, "no address space for %zu pages: %s", pages, strerror(errno));
	memory = (char *)(((uintptr_t)base + ALIGN) & ~(ALIGN - 1));
	/* Give back what lies beyond the guards. */
	if (memory - GUEST_PAGE > base)
		munmap(base, memory - GUEST_PAGE - base);
	munmap(memory + size + GUEST_PAGE, base + room - (memory + size + GUEST_PAGE));
	return memory;
}

static void *map(size_t pages, int flags, int fd)
{
	size_t size = pages * GUEST_PAGE;
	char *memory = reserve(pages);

	/* What is not touched costs nothing: it may be more than the machine has (mm/util.c, overcommit). */
	require(mmap(memory, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED | MAP_NORESERVE, fd, 0) == memory,
		"mmap of %zu pages: %s", pages, strerror(errno));
	/* EINVAL: a kernel without THP */
	require(!madvise(memory, size, MADV_NOHUGEPAGE) || errno == EINVAL, "MADV_NOHUGEPAGE: %s",
		strerror(errno));
	return memory;
}

void *memory_alloc(size_t pages)
{
	return map(pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

void *memory_map_file(int fd, size_t pages)
{
	return map(pages, MAP_SHARED, fd);
}

void *memory_map_private(int fd, size_t pages)
{
	return map(pages, MAP_PRIVATE, fd);
}

void memory_free(void *memory, size_t pages)
{
	munmap((char *)memory - GUEST_PAGE, (pages + 2) * GUEST_PAGE);
}

uint64_t memory_key(unsigned int tag, unsigned int version)
{
	return pattern_mix(test_seed + ((uint64_t)tag << 32) + version + 1);
}

void memory_fill(void *memory, uint64_t key, size_t first, size_t count)
{
	size_t page, w;
	uint64_t *words;

	for (page = first; page < first + count; page++) {
		words = (void *)((char *)memory + page * GUEST_PAGE);
		for (w = 0; w < GUEST_WORDS; w++)
			words[w] = pattern_word(key, page, w);
	}
}

size_t memory_check(const char *who, const void *memory, uint64_t key, size_t first, size_t count)
{
	const volatile uint64_t *words;
	size_t page, w, bad = 0, bad_page = 0, bad_word = 0;
	uint64_t value = 0;

	for (page = first; page < first + count; page++) {
		words = (const void *)((const char *)memory + page * GUEST_PAGE);
		for (w = 0; w < GUEST_WORDS; w++) {
			if (words[w] == pattern_word(key, page, w))
				continue;
			if (!bad++) {
				value = words[w];
				bad_page = page;
				bad_word = w;
			}
			break;
		}
	}
	expect(!bad, "%s sees %zu of pages %zu..%zu wrong; page %zu, word %zu: %#lx, not %#lx", who, bad,
	       first, first + count - 1, bad_page, bad_word, value,
	       pattern_word(key, bad_page, bad_word));
	return bad;
}

void memory_explain(char *text, size_t size, uint64_t value, unsigned int tag, size_t page,
		    size_t word)
{
	unsigned int version;

	snprintf(text, size, "%s", value ? "something else" : "zero");
	for (version = 0; version < VERSIONS_EXPLAINED; version++)
		if (value == pattern_word(memory_key(tag, version), page, word))
			snprintf(text, size, "version %u", version);
}

uint64_t memory_available_kib(void)
{
	uint64_t kib = 0;

	require(sysfile_key_u64("/proc/meminfo", "MemAvailable:", &kib), "no MemAvailable in /proc/meminfo");
	return kib;
}
