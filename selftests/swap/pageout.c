// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that a guest wrote go out to swap. Their sptes are gone before, and what the guest reads when
 * they come back, on its own touch or by swapoff, is what it wrote.
 */
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 256
#define MIDDLE 100
#define PART 53
#define SWAP_MIB 32
#define ROUNDS 3
#define ROUNDS_MAX 60	/* of reclaim that takes nothing, as the guest has been by everywhere */
#define RACED_PAGES 64	/* of a guest that runs meanwhile: it comes by each page the more often */
#define RACED 16	/* of them to be written to swap in each round */
#define IDLE 50000	/* iterations of the guest after each write: reclaim takes what is not touched */

static void set_up_on(struct stage *s, void (*swap)(unsigned int mib), size_t pages)
{
	swap(SWAP_MIB);
	stage_set(s, pages);
}

static void set_up(struct stage *s)
{
	set_up_on(s, swap_on, PAGES);
}

static void expect_gone(struct stage *s, const char *what, size_t first, size_t count)
{
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, first), .pages = count, .zapped = count,
	});
}

static void page_out(struct stage *s, size_t first, size_t count)
{
	swap_out(slot_page(s->slot, first), count);
	expect_gone(s, "MADV_PAGEOUT", first, count);
}

static void guest_reads(struct stage *s, const char *what, size_t first, size_t count, size_t faulted)
{
	require(!guest_check(s->vcpu, s->slot, first, count, 1), "the guest cannot read");
	witness_step(&s->witness, what, &(struct step){ .faulted = faulted });
}

static void whole(void)
{
	struct stage s;

	set_up(&s);
	page_out(&s, 0, PAGES);
	guest_reads(&s, "guest reads swapped pages", 0, PAGES, PAGES);
	guest_reads(&s, "guest reads again", 0, PAGES, 0);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
	page_out(&s, 0, PAGES);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
}

static void part(void)
{
	struct stage s;

	set_up(&s);
	page_out(&s, MIDDLE, PART);
	guest_reads(&s, "guest reads before the part", 0, MIDDLE, 0);
	guest_reads(&s, "guest reads behind the part", MIDDLE + PART, PAGES - MIDDLE - PART, 0);
	guest_reads(&s, "guest reads the part", MIDDLE, PART, PART);
}

static void written_on_return(void)
{
	struct stage s;

	set_up(&s);
	page_out(&s, 0, PAGES);
	require(!guest_fill(s.vcpu, s.slot, MIDDLE, PART, 2), "the guest cannot write");
	witness_step(&s.witness, "guest writes swapped pages", &(struct step){ .faulted = PART });
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 2), MIDDLE, PART);
	page_out(&s, MIDDLE, PART);
	guest_check(s.vcpu, s.slot, 0, MIDDLE, 1);
	guest_check(s.vcpu, s.slot, MIDDLE, PART, 2);
	guest_check(s.vcpu, s.slot, MIDDLE + PART, PAGES - MIDDLE - PART, 1);
	witness_step(&s.witness, "guest reads all", &(struct step){ .faulted = PAGES });
}

static void reclaimed(void)
{
	struct stage s;

	cgroup_enter();
	set_up(&s);
	swap_out_by_cgroup(s.slot->hva, PAGES);
	expect_gone(&s, "memory.reclaim", 0, PAGES);
	guest_reads(&s, "guest reads reclaimed pages", 0, PAGES, PAGES);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
}

/* A disk's swap goes through the swap cache, which zram leaves out. */
static void disk(void)
{
	struct stage s;

	set_up_on(&s, swap_on_disk, PAGES);
	page_out(&s, 0, PAGES);
	guest_reads(&s, "guest reads pages from disk", 0, PAGES, PAGES);
	page_out(&s, MIDDLE, PART);
	swap_off();
	witness_step(&s.witness, "swapoff", &(struct step){ 0 });
	guest_reads(&s, "guest reads what swapoff brought back", 0, PAGES, PART);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
}

static void swapoff_at_rest(void)
{
	struct stage s;

	set_up(&s);
	page_out(&s, 0, PAGES);
	swap_off();
	witness_step(&s.witness, "swapoff", &(struct step){ 0 });
	expect(pagemap_count_present(s.slot->hva, PAGES) == PAGES, "swapoff left pages behind");
	guest_reads(&s, "guest reads what swapoff brought back", 0, PAGES, PAGES);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
}

static void end_of_spin(struct stage *s, const char *what)
{
	int result;

	require(guest_spin_wait(s->vcpu), "the guest stands still");
	guest_spin_stop(s->vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	guest_spin_expect_written(s->vcpu, s->slot);
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = RACED_PAGES,
		.racing = true, .partial = true,
	});
}

/* A write between the copy to swap and the flush of the last TLB entry would be lost here. */
static void while_written(void)
{
	struct stage s;
	uint64_t written = 0;
	int round;

	set_up_on(&s, swap_on, RACED_PAGES);
	guest_spin_write_start(s.vcpu, s.slot, 0, RACED_PAGES, IDLE);
	for (round = 0; round < ROUNDS || (!written && round < ROUNDS_MAX); round++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		written += swap_out_racing(s.slot->hva, RACED_PAGES, RACED);
	}
	end_of_spin(&s, "pageout under a writing guest");
	if (!written && !check_failed())
		skip_case("MADV_PAGEOUT took no page from the running guest");
}

static void swapoff_while_written(void)
{
	struct stage s;
	size_t left;

	set_up_on(&s, swap_on, RACED_PAGES);
	page_out(&s, 0, RACED_PAGES);
	guest_spin_write_start(s.vcpu, s.slot, 0, RACED_PAGES, IDLE);
	left = pagemap_count_swapped(s.slot->hva, RACED_PAGES);
	swap_off_racing();
	end_of_spin(&s, "swapoff under a writing guest");
	if (!left && !check_failed())
		skip_case("the guest was faster than swapoff");
}

const struct test test = {
	.name = "pageout",
	.group = "swap",
	.proves = "what a guest wrote survives the way to swap and back, with no spte left meanwhile",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram", "virtio_blk" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "whole", whole },
		{ "part", part },
		{ "written-on-return", written_on_return },
		{ "reclaimed", reclaimed },
		{ "disk", disk },
		{ "swapoff", swapoff_at_rest },
		{ "while-written", while_written, { .cpus = 2 } },
		{ "swapoff-while-written", swapoff_while_written, { .cpus = 2 } },
	},
};
