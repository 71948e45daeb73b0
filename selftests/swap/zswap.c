// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of a guest go to swap and stay in memory, compressed by zswap. What does not compress goes to the device
 * beside it. Whichever way a page went, the guest has what it wrote when the page is back, on its own touch or
 * by swapoff.
 */
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 128
#define PLAIN 64	/* of these only the first word is not zero; the rest is a pattern, which does not compress */
#define SWAP_MIB 32
#define ZSWAP "/sys/module/zswap/parameters/"

static struct stage s;

static uint64_t word_of(size_t page, unsigned int version)
{
	return memory_key(s.slot->tag, version) + page;
}

static void write_plain(unsigned int version)
{
	for (size_t page = 0; page < PLAIN; page++)
		require(!guest_write(s.vcpu, s.slot, page, word_of(page, version)), "the guest cannot write");
}

static void set_up(void)
{
	knob_set(ZSWAP "enabled", "Y");
	swap_on(SWAP_MIB);
	stage_make(&s, memory_alloc(PAGES), PAGES);
	witness_open(&s.witness, &s.vm);
	write_plain(1);
	guest_fill(s.vcpu, s.slot, PLAIN, PAGES - PLAIN, 1);
	witness_step(&s.witness, "guest writes", &(struct step){ .faulted = PAGES });
}

/* In pages: older kernels do not count what came to zswap. */
static uint64_t stored_pages(void)
{
	uint64_t count = 0;

	if (!sysfile_key_u64("/proc/vmstat", "zswpout", &count))
		skip_case("kernel that does not count what zswap stores");
	return count;
}

static void page_out(void)
{
	const uint64_t before = stored_pages();
	uint64_t stored;

	swap_out(s.slot->hva, PAGES);
	stored = stored_pages() - before;
	expect(stored >= PLAIN, "zswap stored %lu of %d pages that compress", stored, PLAIN);
	witness_step(&s.witness, "MADV_PAGEOUT", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
}

static void check_data(const char *what, unsigned int version, size_t faulted)
{
	uint64_t word = 0;

	for (size_t page = 0; page < PLAIN; page++) {
		require(!guest_read(s.vcpu, s.slot, page, &word), "the guest cannot read");
		expect(word == word_of(page, version), "%s: page %zu is %#lx for the guest, it wrote %#lx", what,
		       page, word, word_of(page, version));
	}
	guest_check(s.vcpu, s.slot, PLAIN, PAGES - PLAIN, 1);
	witness_step(&s.witness, what, &(struct step){ .faulted = faulted });
	for (size_t page = 0; page < PLAIN; page++)
		for (size_t i = 0; i < GUEST_PAGE / sizeof(word); i++)
			expect(((uint64_t *)slot_page(s.slot, page))[i] == (i ? 0 : word_of(page, version)),
			       "%s: word %zu of page %zu is %#lx for the host", what, i, page,
			       ((uint64_t *)slot_page(s.slot, page))[i]);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), PLAIN, PAGES - PLAIN);
}

/* Twice, and written in between: the copy in zswap that is no longer true must not come back. */
static void touched(void)
{
	set_up();
	page_out();
	check_data("guest reads", 1, PAGES);
	write_plain(2);
	witness_step(&s.witness, "guest writes a part again", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PLAIN, .racing = true, .partial = true,
	});
	page_out();
	check_data("guest reads again", 2, PAGES);
}

static void swapped_off(void)
{
	set_up();
	page_out();
	swap_off();
	witness_step(&s.witness, "swapoff", &(struct step){ 0 });
	check_data("guest reads", 1, PAGES);
}

const struct test test = {
	.name = "zswap",
	.group = "swap",
	.proves = "what a guest wrote comes back from zswap, as from the device behind it",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64, .files = { ZSWAP "enabled" } },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "touched", touched },
		{ "swapoff", swapped_off },
	},
};
