// SPDX-License-Identifier: GPL-2.0-only
/*
 * Half of the pages have equals (for KSM) and are rewritten now and then with what they hold; the others change
 * in each round. Most words of a page are alike, so that a compressed swap device has room for many.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>

#include "agent.h"

#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define CLASSES 16
#define STRIDE 16		/* every so many words one that tells its place */
#define REWRITE 32		/* rounds in which all merged pages are written once */

static struct {
	pthread_t thread;
	uint64_t *memory, seed;
	unsigned long pages, round, bad;
	atomic_bool stop;
	char first_bad[160];
} pattern;

static uint64_t content(unsigned long page, unsigned long round, unsigned long word)
{
	uint64_t base = page % 2 ? page << 32 | round : page / 2 % CLASSES;

	/* 2^64 divided by the golden ratio: neighbours differ in many bits */
	return (base + pattern.seed) * 0x9e3779b97f4a7c15 + (word % STRIDE ? 0 : word);
}

static void fill(unsigned long page, unsigned long round)
{
	for (unsigned long i = 0; i < WORDS; i++)
		pattern.memory[page * WORDS + i] = content(page, round, i);
}

static void verify(unsigned long page, unsigned long round)
{
	for (unsigned long i = 0; i < WORDS; i++) {
		uint64_t found = pattern.memory[page * WORDS + i], wanted = content(page, round, i);

		if (found == wanted)
			continue;
		if (!pattern.bad++)
			snprintf(pattern.first_bad, sizeof(pattern.first_bad),
				 "round %lu page %lu word %lu: %016jx instead of %016jx", round, page, i,
				 (uintmax_t)found, (uintmax_t)wanted);
		return;
	}
}

/* At least one whole round, whenever the end is wished for. */
static void *go_through(void *arg)
{
	do {
		pattern.round++;
		for (unsigned long page = 0; page < pattern.pages; page++) {
			verify(page, pattern.round - 1);
			if (page % 2 || page / 2 % REWRITE == pattern.round % REWRITE)
				fill(page, pattern.round);
		}
		beats_verified(pattern.round, pattern.bad);
	} while (!atomic_load(&pattern.stop));
	return arg;
}

void pattern_start(size_t mib, uint64_t seed)
{
	void *memory = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		give_up("no %zu MiB for the pattern", mib);
	pattern.memory = memory;
	pattern.pages = (mib << 20) / PAGE;
	pattern.seed = seed;
	for (unsigned long page = 0; page < pattern.pages; page++)
		fill(page, 0);
	if (pthread_create(&pattern.thread, NULL, go_through, NULL))
		give_up("no thread for the pattern");
}

void pattern_stop(void)
{
	atomic_store(&pattern.stop, true);
	pthread_join(pattern.thread, NULL);
	say(json_pack("{s:s, s:I, s:I, s:I, s:s}", "event", "pattern", "pages", (json_int_t)pattern.pages,
		      "rounds", (json_int_t)pattern.round, "bad", (json_int_t)pattern.bad,
		      "first_bad", pattern.first_bad));
}
