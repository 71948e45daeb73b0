// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only process of a Linux guest: verifies and rewrites its memory, round by round, and says so on
 * the kernel's console. Half of the pages have equals, for KSM; the others change in each round.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PAGES 12288ul	/* 48 MiB */
#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define CLASSES 16

static int console;

/* dprintf() wants to know a position, which that file has none of. */
__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	char line[100];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (write(console, line, strlen(line)) < 0)
		exit(1);
}

static uint64_t first_word(unsigned long page, unsigned long round)
{
	return page % 2 ? page << 32 | round : page / 2 % CLASSES;
}

static void write_page(uint64_t *words, unsigned long page, unsigned long round)
{
	for (unsigned long i = 0; i < WORDS; i++)
		words[i] = first_word(page, round) + i;
}

static void verify_page(const uint64_t *words, unsigned long page, unsigned long round)
{
	for (unsigned long i = 0; i < WORDS; i++)
		if (words[i] != first_word(page, round) + i) {
			say("MISMATCH in round %lu: page %lu word %lu\n", round, page, i);
			return;
		}
}

/* Merged pages are written now and then, with what they hold already: un-merged by that. */
static void go_through(char *memory, unsigned long round)
{
	for (unsigned long page = 0; page < PAGES; page++) {
		uint64_t *words = (uint64_t *)(memory + page * PAGE);

		verify_page(words, page, round - 1);
		if (page % 2 || page % 64 == round % 32 * 2)
			write_page(words, page, round);
	}
}

int main(void)
{
	char *memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* kmsg(4) */
	if (mknod("/kmsg", S_IFCHR | 0600, makedev(1, 11)))
		return 1;
	console = open("/kmsg", O_WRONLY);
	if (memory == MAP_FAILED || console < 0)
		return 1;
	for (unsigned long page = 0; page < PAGES; page++)
		write_page((uint64_t *)(memory + page * PAGE), page, 0);
	say("filled\n");
	for (unsigned long round = 1;; round++) {
		go_through(memory, round);
		say("round %lu\n", round);
	}
}
