// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest for QEMU (multiboot, 32 bits, no paging): fills memory, rewrites a part of it each round
 * and verifies all of it, and says so on the debug port. It needs no interrupt and no device.
 */
#include <stdint.h>

#define FIRST 0x1000000u	/* 16 MiB: above the kernel, the BIOS and its tables */
#ifndef PAGES
#define PAGES 24576u		/* 96 MiB */
#endif
#define WORDS 1024u
#define CLASSES 16u
#define DEVICES 0xe0000000u	/* no memory is there */

__attribute__((section(".multiboot"), used))
static const uint32_t header[] = { 0x1badb002, 0, -0x1badb002u };

static uint8_t stack[4096] __attribute__((used));

static void put(char c)
{
	__asm__ volatile("outb %0, $0xe9" : : "a"(c));
}

static void say(const char *text)
{
	while (*text)
		put(*text++);
}

static void say_number(uint32_t n)
{
	if (n >= 10)
		say_number(n / 10);
	put('0' + n % 10);
}

/* Half of the pages have equals, for KSM; of the others every second one changes in each round. */
static uint32_t word(uint32_t page, uint32_t round, uint32_t i)
{
	uint32_t of = page % 2 ? page | 0x40000000 : page / 2 % CLASSES;

	return (of + (page % 4 == 1 ? round * 0x10001 : 0)) * 2654435761u + i;
}

static void write(uint32_t page, uint32_t round)
{
	volatile uint32_t *p = (uint32_t *)(FIRST + page * 4096);

	for (uint32_t i = 0; i < WORDS; i++)
		p[i] = word(page, round, i);
}

static void verify(uint32_t page, uint32_t round)
{
	volatile uint32_t *p = (uint32_t *)(FIRST + page * 4096);
	uint32_t base = word(page, round, 0);

	for (uint32_t i = 0; i < WORDS; i++) {
		if (p[i] == base + i)
			continue;
		say("MISMATCH page ");
		say_number(page);
		say(" round ");
		say_number(round);
		put('\n');
		return;
	}
}

__attribute__((used, noreturn)) static void guest(void)
{
	for (uint32_t page = 0; page < PAGES; page++)
		write(page, 0);
	(void)*(volatile uint32_t *)DEVICES;
	say("filled\n");
	for (uint32_t round = 1;; round++) {
		for (uint32_t page = 0; page < PAGES; page++)
			/* a merged page now and then, with what it has already: un-merged by that */
			if (page % 4 == 1 || page % 64 == round % 32 * 2)
				write(page, round);
		for (uint32_t page = 0; page < PAGES; page++)
			verify(page, round);
		say("round ");
		say_number(round);
		put('\n');
	}
}

__asm__(".globl _start\n_start:\n\tmov $stack + 4096, %esp\n\tcall guest\n");
