// SPDX-License-Identifier: GPL-2.0-only
/* The test guest: executes the one command in its mailbox, then says so on a port. */
#include "lib/mailbox.h"
#include "lib/x86/layout.h"

static void command_done(const struct mailbox *mb)
{
	if (mb->nested)
		__asm__ volatile("vmmcall" : : : "memory");
	__asm__ volatile("outl %0, %w1" : : "a"(0), "d"((uint16_t)GUEST_PORT) : "memory");
}

static void note_bad(struct mailbox *mb, uint64_t page, uint64_t word, uint64_t value)
{
	if (!mb->bad++) {
		mb->bad_page = page;
		mb->bad_word = word;
		mb->bad_value = value;
	}
}

static int page_selected(const struct mailbox *mb, uint64_t page)
{
	return !mb->masked || mb->mask[page / 64] >> (page % 64) & 1;
}

static volatile uint64_t *page_at(const struct mailbox *mb, uint64_t page)
{
	return (volatile uint64_t *)(mb->gpa + page * GUEST_PAGE);
}

static void fill_page(const struct mailbox *mb, uint64_t page)
{
	volatile uint64_t *words = page_at(mb, page);
	uint64_t w;

	for (w = 0; w < GUEST_WORDS; w++)
		words[w] = pattern_word(mb->key, page, w);
}

static void check_page(struct mailbox *mb, uint64_t page)
{
	volatile uint64_t *words = page_at(mb, page);
	uint64_t w, value;

	for (w = 0; w < GUEST_WORDS; w++) {
		value = words[w];
		if (value != pattern_word(mb->key, page, w)) {
			note_bad(mb, page, w, value);
			return;
		}
	}
}

/* The epoch is read before the page: what the page holds may be newer, never older. */
static void spin_over_page(struct mailbox *mb, uint64_t page)
{
	uint64_t epoch = mb->epoch, value;

	if (epoch == GUEST_EPOCH_AWAY)
		return;
	value = *page_at(mb, page);
	if (value < epoch)
		note_bad(mb, page, 0, value);
}

static void spin(struct mailbox *mb)
{
	uint64_t page;

	while (!*(volatile uint32_t *)&mb->stop) {
		for (page = mb->first; page < mb->first + mb->count; page++)
			spin_over_page(mb, page);
		mb->rounds++;
	}
}

/* Touches what every command touches, so that later only the memslots of the test are new. */
static void touch_stack(void)
{
	volatile uint64_t local = 0;

	(void)local;
}

/* What the CPU reads to reach the second GiB and those above: else its first access there maps it. */
static void touch_page_tables(void)
{
	uint64_t i;

	for (i = 0; i < GUEST_PD_COUNT; i++)
		(void)*(volatile uint64_t *)(GUEST_PD_GPA + i * GUEST_PAGE);
}

static void idle(uint64_t iterations)
{
	while (iterations--)
		__asm__ volatile("" : : : "memory");
}

static void spin_write(struct mailbox *mb)
{
	uint64_t page;

	while (!*(volatile uint32_t *)&mb->stop) {
		for (page = mb->first; page < mb->first + mb->count; page++) {
			if (!page_selected(mb, page))
				continue;
			*page_at(mb, page) = mb->value + mb->rounds;
			idle(mb->delay);
		}
		mb->rounds++;
	}
}

/* Empties the TLB: an access sets the accessed bit only on its way into it. */
static void reload_cr3(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r"(cr3) : : "memory");
}

static void each_page(struct mailbox *mb)
{
	uint64_t page;

	for (page = mb->first; page < mb->first + mb->count; page++) {
		if (!page_selected(mb, page))
			continue;
		switch (mb->op) {
		case GUEST_FILL:
			fill_page(mb, page);
			break;
		case GUEST_CHECK:
			check_page(mb, page);
			break;
		case GUEST_READ:
			mb->value = *page_at(mb, page);
			break;
		case GUEST_WRITE:
			*page_at(mb, page) = mb->value;
			break;
		case GUEST_FORGET:
			__asm__ volatile("invlpg (%0)" : : "r"(page_at(mb, page)) : "memory");
			break;
		}
	}
}

/* The host sets RIP here, RSP, and RDI to the mailbox, for every command anew. */
__attribute__((section(".entry"), noreturn)) void payload_entry(struct mailbox *mb)
{
	touch_stack();
	touch_page_tables();
	if (mb->op == GUEST_SPIN) {
		spin(mb);
	} else if (mb->op == GUEST_SPIN_WRITE) {
		spin_write(mb);
	} else {
		if (mb->masked)
			reload_cr3();
		each_page(mb);
	}
	for (;;)
		command_done(mb);
}
