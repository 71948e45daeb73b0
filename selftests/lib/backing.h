/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a memslot's memory is made of. A case that names several backings (struct test_case) is
 * run once over each of them, and asks here what it got. Failures end the case.
 */
#ifndef SPTEST_LIB_BACKING_H
#define SPTEST_LIB_BACKING_H

#include <stdbool.h>
#include <stddef.h>

enum {
	BACKING_ANON = 1,		/* memory_alloc() */
	BACKING_MEMFD = 2,
	BACKING_TMPFS = 4,		/* a file on a tmpfs */
	BACKING_HUGETLB = 8,		/* a memfd of 2 MiB hugetlb pages */
	BACKING_FILE = 16,		/* on a disk, MAP_SHARED; wants DISK_FILE_MODULES */
	BACKING_PRIVATE_FILE = 32,	/* the same, MAP_PRIVATE: what is written becomes anonymous */
};

#define BACKINGS_SHMEM (BACKING_MEMFD | BACKING_TMPFS)
#define BACKINGS_SHARED (BACKINGS_SHMEM | BACKING_HUGETLB | BACKING_FILE)
#define BACKINGS_ALL (BACKING_ANON | BACKINGS_SHARED | BACKING_PRIVATE_FILE)

/* A case for every run and, in full runs, what is nearly the same: see struct test_case. */
#define BACKINGS_MAIN (BACKING_ANON | BACKING_MEMFD | BACKING_HUGETLB)
#define BACKINGS_FURTHER (BACKING_TMPFS | BACKING_FILE | BACKING_PRIVATE_FILE)

struct backing {
	unsigned int bit;
	const char *name;
	bool shared;		/* what is written is in the file, for every mapping of it */
	size_t granule;		/* pages of 4 KiB that are mapped and freed only together: 1 or 512 */
	/*
	 * What suits most cases: an amount of memory, and a part of it that is at neither end and, but
	 * for whole granules, not aligned, so that it cuts through windows and huge pages.
	 */
	size_t pages, middle, part;
};

/* The current case's; BACKING_ANON if it names none. */
const struct backing *backing(void);

struct backed {
	char *hva;
	size_t pages;
	int fd;			/* -1: BACKING_ANON */
};

/*
 * Not populated, between guard pages, 2 MiB aligned, from the start of its file, which nobody
 * else has; whole granules. A peer started after this has `fd` too.
 */
void backing_alloc(struct backed *memory, size_t pages);

/* The same pages once more, elsewhere; not of BACKING_ANON. */
void *backing_map(const struct backed *memory);

/*
 * For the library: the one of that bit; why this machine lacks it; the choice for the next
 * cases, NULL being BACKING_ANON.
 */
const struct backing *backing_of(unsigned int bit);
bool backing_missing(const struct backing *backing, char *why, size_t size);
void backing_choose(const struct backing *backing);

#endif
