// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host asks which pages are written from now on (clear_refs, soft-dirty bits in pagemap), as CRIU
 * does. It finds exactly those that guest or owner write, although the guest had all of them writable.
 */
#include <string.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/kvm-probe.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define ROUNDS 5
#define BACKINGS (BACKING_ANON | BACKING_MEMFD)
#define CLEAR_REFS "/proc/self/clear_refs"
#define CLEAR_SOFT_DIRTY "4"	/* Documentation/admin-guide/mm/soft-dirty.rst */

static struct stage s;

static void need_soft_dirty(void)
{
	struct page_state state;
	char *page = memory_alloc(1);

	*page = 1;
	pagemap_read(page, &state, 1);
	memory_free(page, 1);
	if (!state.soft_dirty)
		skip_case("kernel without soft-dirty bits (CONFIG_MEM_SOFT_DIRTY)");
}

static void clear_bits(void)
{
	int err = sysfile_write(CLEAR_REFS, CLEAR_SOFT_DIRTY);

	require(!err, CLEAR_REFS ": %s", strerror(-err));
}

/* Which pages of [first, first + count) the host says are written: all of them, and no other. */
static void expect_dirty(const char *what, size_t first, size_t count)
{
	struct page_state state[PAGES];
	bool expected;

	pagemap_read(s.slot->hva, state, PAGES);
	for (size_t page = 0; page < PAGES; page++) {
		expected = page >= first && page < first + count;
		expect(state[page].soft_dirty == expected, "%s: page %zu is%s soft-dirty", what, page,
		       expected ? " not" : "");
	}
}

/*
 * All memory of the process is announced (clear_refs_write()), the test guest's own among it, which comes
 * back with its next command.
 */
static void clear(const char *what, size_t mapped)
{
	const size_t all = s.witness.pages;

	lru_drain();
	clear_bits();
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_SOFT_DIRTY, .hva = s.slot->hva, .pages = PAGES, .whole = true,
		.zapped = all,
	});
	expect_dirty(what, 0, 0);
	guest_fill(s.vcpu, s.slot, 0, 0, 0);
	witness_step(&s.witness, "the test guest is back", &(struct step){
		.faulted = all - mapped, .racing = kvm_probe_prefetch(),
	});
}

static void set_up(void)
{
	need_soft_dirty();
	stage_set(&s, PAGES);
	expect_dirty("guest writes", 0, PAGES);
	clear("soft-dirty bits are cleared", PAGES);
}

static void read_all(void)
{
	stage_read(&s, "all read", 0, PAGES, 1, PAGES);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "all read");
	expect_dirty("all read", 0, 0);
}

static void write_part(const char *what, unsigned int version, struct step step)
{
	const size_t first = backing()->middle, count = backing()->part;

	require(!guest_fill(s.vcpu, s.slot, first, count, version), "the guest cannot write");
	witness_step(&s.witness, what, &step);
	expect_dirty(what, first, count);
	sptes_expect(s.slot, first, count, SPTES_WRITABLE, what);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, version), first, count);
}

static void guest_writes(void)
{
	const size_t count = backing()->part;

	set_up();
	read_all();
	write_part("guest writes a part", 2, (struct step){ .upgraded = count });
	clear("soft-dirty bits are cleared again", PAGES);
	write_part("guest writes the part again", 3, (struct step){ .faulted = count });
	write_part("guest writes it once more", 4, (struct step){ 0 });
	clear("soft-dirty bits are cleared at last", count);
}

static void owner_writes(void)
{
	const size_t first = backing()->middle, count = backing()->part;

	set_up();
	read_all();
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), first, count);
	witness_step(&s.witness, "owner writes a part", &(struct step){ 0 });
	expect_dirty("owner writes a part", first, count);
	stage_read(&s, "guest reads the part", first, count, 2, 0);
}

/* Pages that the running guest wrote after the bits were cleared are marked, each of them. */
static void while_written(void)
{
	int result;

	need_soft_dirty();
	stage_set(&s, PAGES);
	guest_spin_write_start(s.vcpu, s.slot, 0, PAGES, 0);
	for (int round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		clear_bits();
		require(guest_spin_wait(s.vcpu), "the guest stands still after it in round %d", round);
		expect_dirty("after two rounds of the guest", 0, PAGES);
	}
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&s.witness, "cleared under a writing guest", &(struct step){
		.event = NOTIFY_SOFT_DIRTY, .also = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES,
		.whole = true, .racing = true,
	});
}

const struct test test = {
	.name = "soft-dirty",
	.group = "protect",
	.proves = "soft-dirty bits name exactly the pages that were written, by the guest as well",
	.needs = { .kvm = true, .memory_mib = 32, .files = { CLEAR_REFS } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "guest-writes", guest_writes, .backings = BACKINGS },
		{ "owner-writes", owner_writes, .backings = BACKINGS },
		{ "while-written", while_written, { .cpus = 2 } },
	},
};
