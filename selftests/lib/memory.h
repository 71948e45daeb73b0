/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of the host process that backs a memslot, and its content. Failures end the case. */
#ifndef SPTEST_LIB_MEMORY_H
#define SPTEST_LIB_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Private anonymous memory of 4 KiB pages (no THP), not populated, a VMA of its own between two
 * guard pages; 2 MiB aligned, so that neither page tables nor 8-page windows are shared.
 */
void *memory_alloc(size_t pages);

/* The same for a file from its start, MAP_SHARED. */
void *memory_map_file(int fd, size_t pages);

/* The same, MAP_PRIVATE: what is written is no longer of the file. */
void *memory_map_private(int fd, size_t pages);

void memory_free(void *memory, size_t pages);

/*
 * The pattern of a range. It depends on --seed, `tag` (which memory) and `version` (what was
 * written last), the page's index and the word.
 */
uint64_t memory_key(unsigned int tag, unsigned int version);
void memory_fill(void *memory, uint64_t key, size_t first, size_t count);

/* How many pages differ; if any, the case fails with a diagnostic that begins with `who`. */
size_t memory_check(const char *who, const void *memory, uint64_t key, size_t first, size_t count);

/* "version 1 of page 7" or "zeros" or a number: what a word found at that place is. */
void memory_explain(char *text, size_t size, uint64_t value, unsigned int tag, size_t page,
		    size_t word);

/* MemAvailable of the machine, in KiB; that of ZONE_MOVABLE is in it. */
uint64_t memory_available_kib(void);

#endif
