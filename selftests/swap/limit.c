// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cgroup has less memory than its guest: when it is told to give some back, when its limit is lowered,
 * and when the guest itself has to push pages out to get others in. All of it loses nothing, over
 * anonymous memory as over shared memory, with either of the kernel's ways to choose pages.
 */
#include "lib/active-list.h"
#include "lib/age.h"
#include "lib/backing.h"
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/swap-cache.h"
#include "lib/swap.h"
#include "lib/test.h"

#define PAGES 256
#define SWAP_MIB 32
#define TRIES 100
#define ROUNDS 2
#define MGLRU "/sys/kernel/mm/lru_gen/enabled"

static void set_up(struct stage *s)
{
	swap_on(SWAP_MIB);
	swap_cache_prepare();
	stage_set(s, PAGES);
	swap_cache_allow(s->slot->hva, PAGES);
}

static size_t count_inside(const struct stage *s)
{
	return swap_cache_count(s->slot->hva, PAGES);
}

static void expect_out_and_back(struct stage *s, const char *what)
{
	require(!count_inside(s), "%s: %zu of %d pages are in memory still", what, count_inside(s),
		PAGES);
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	stage_read(s, "guest reads what is out", 0, PAGES, 1, PAGES);
}

static void reclaim(void)
{
	struct stage s;
	int tries;

	set_up(&s);
	for (tries = 0; tries < TRIES && count_inside(&s); tries++)
		swap_cache_drop();
	expect_out_and_back(&s, "reclaim of all");
}

static void by_classic_lru(void)
{
	mglru_off();
	reclaim();
}

static void by_mglru(void)
{
	knob_set(MGLRU, "0x0007");
	reclaim();
}

static void by_high(void)
{
	struct stage s;
	int tries;

	set_up(&s);
	for (tries = 0; tries < TRIES && count_inside(&s); tries++) {
		active_list_fill();
		lru_drain();
		cgroup_set("memory.high", "0");
		cgroup_set("memory.high", "max");
	}
	expect_out_and_back(&s, "memory.high of nothing");
}

/* A limit that half of the guest has no room in, while it does this. */
static void write_and_read(struct stage *s, unsigned int version)
{
	uint64_t limit = cgroup_get("memory.current", NULL) - PAGES / 2 * GUEST_PAGE;

	cgroup_set_bytes("memory.max", limit);
	expect(cgroup_get("memory.current", NULL) <= limit, "the limit is not kept");
	require(!guest_fill(s->vcpu, s->slot, 0, PAGES, version), "the guest cannot write");
	require(!guest_check(s->vcpu, s->slot, 0, PAGES, version), "the guest cannot read");
	expect(count_inside(s) < PAGES, "all %d pages are in memory, without room for them", PAGES);
	cgroup_set("memory.max", "max");
}

/* The witnesses need memory too, and get it without the limit. */
static void thrash(void)
{
	unsigned int version;
	struct stage s;

	set_up(&s);
	for (version = 2; version < 2 + ROUNDS; version++) {
		stage_read(&s, "guest reads all", 0, PAGES, version - 1, 0);
		write_and_read(&s, version);
		memory_check("host", s.slot->hva, memory_key(s.slot->tag, version), 0, PAGES);
		guest_check(s.vcpu, s.slot, 0, PAGES, version);
		witness_step(&s.witness, "guest pushes itself out", &(struct step){
			.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .racing = true,
			.partial = true,
		});
	}
}

const struct test test = {
	.name = "limit",
	.group = "swap",
	.proves = "a guest in a cgroup that is too small for it reads what it wrote",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "classic", by_classic_lru, .backings = BACKING_MEMFD, .full_backings = BACKING_ANON },
		{ "mglru", by_mglru, { .files = { MGLRU } },
		  .backings = BACKING_ANON, .full_backings = BACKING_MEMFD },
		{ "high", by_high, .backings = BACKING_ANON, .full_backings = BACKING_MEMFD },
		{ "max", thrash, .backings = BACKING_ANON, .full_backings = BACKING_MEMFD },
	},
};
