// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty logging over a guest on huge pages: the huge sptes give way to small ones, at once or when they are
 * written, the log names exactly the small pages that were, and the huge page itself stays whole. When the
 * logging ends, huge sptes come back.
 */
#include "lib/check.h"
#include "lib/dirty-log.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"

#define HUGE THP_PAGES
#define PAGES (2 * HUGE)
#define WRITTEN_FIRST (HUGE + 200)	/* whole windows of what one fault may map, see kvm_probe_prefetch() */
#define WRITTEN 16UL

static void set_up(struct stage *s)
{
	s->memory.hva = thp_alloc(PAGES);
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, s->memory.hva, PAGES);
	witness_open(&s->witness, &s->vm);
	s->witness.granule = HUGE;
	stage_write(s, "guest writes", 0, PAGES, 1, PAGES);
	if (thp_count(s->memory.hva) != PAGES)
		skip_case("the host gave huge pages for %zu of %lu pages only",
			  thp_count(s->memory.hva), PAGES);
	sptes_expect_level(s->slot, 0, PAGES, 2, "guest writes");
}

/* KVM's doing alone: no invalidation, and what the sptes are is asked of them, not of the counters. */
static void step(struct stage *s, const char *what)
{
	witness_step(&s->witness, what, &(struct step){ .racing = true });
	sptes_check(&s->vm, what, true);
	expect(thp_count(s->slot->hva) == PAGES, "%s: only %zu of %lu pages are mapped by huge ptes", what,
	       thp_count(s->slot->hva), PAGES);
}

static void expect_log(struct stage *s, const char *what, size_t first, size_t count)
{
	bool dirty[PAGES];
	size_t wrong = 0;

	dirty_log_read(s->slot, dirty);
	for (size_t i = 0; i < PAGES; i++)
		wrong += dirty[i] != (i >= first && i < first + count);
	expect(!wrong, "%s: the log is wrong about %zu pages", what, wrong);
}

static void write_some(struct stage *s, unsigned int version)
{
	guest_fill(s->vcpu, s->slot, WRITTEN_FIRST, WRITTEN, version);
	step(s, "guest writes some");
	sptes_expect_level(s->slot, WRITTEN_FIRST, WRITTEN, 1, "guest writes some");
	expect_log(s, "guest writes some", WRITTEN_FIRST, WRITTEN);
}

/* Without the log a huge spte may be what it was. */
static void end_log(struct stage *s, unsigned int version)
{
	dirty_log_stop(s->slot);
	step(s, "logging ends");
	guest_check(s->vcpu, s->slot, 0, WRITTEN_FIRST, 1);
	guest_check(s->vcpu, s->slot, WRITTEN_FIRST, WRITTEN, version);
	guest_check(s->vcpu, s->slot, WRITTEN_FIRST + WRITTEN, PAGES - WRITTEN_FIRST - WRITTEN, 1);
	step(s, "guest reads all");
	sptes_expect_level(s->slot, 0, PAGES, 2, "guest reads all");
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, version), WRITTEN_FIRST, WRITTEN);
}

static void plain(void)
{
	struct stage s;

	set_up(&s);
	dirty_log_start(s.slot);
	step(&s, "logging begins");
	expect_log(&s, "logging begins", 0, 0);
	write_some(&s, 2);
	expect_log(&s, "the log was read", 0, 0);
	write_some(&s, 3);
	end_log(&s, 3);
}

/*
 * With all pages in the log there is nothing to learn from a write, and newer kernels leave the sptes alone;
 * older ones take the right to write from huge ones all the same.
 */
static enum sptes at_begin(const struct stage *s)
{
	struct spte_view view;

	return sptes_read(s->slot, 0, 1, &view) && !view.writable ? SPTES_READ_ONLY : SPTES_WRITABLE;
}

/* All pages are in the log; only what was taken out of it is watched, and loses its huge spte for that. */
static void initially_set(void)
{
	enum sptes unwatched;
	struct stage s;

	set_up(&s);
	if (!dirty_log_manual(&s.vm, true))
		skip_case("KVM without KVM_DIRTY_LOG_INITIALLY_SET");
	dirty_log_start(s.slot);
	step(&s, "logging begins");
	expect_log(&s, "logging begins", 0, PAGES);
	sptes_expect_level(s.slot, 0, PAGES, 2, "logging begins");
	unwatched = at_begin(&s);
	sptes_expect(s.slot, 0, PAGES, unwatched, "logging begins");
	dirty_log_clear(s.slot, HUGE, HUGE);
	step(&s, "one huge page is watched");
	expect_log(&s, "one huge page is watched", 0, HUGE);
	sptes_expect_level(s.slot, 0, HUGE, 2, "the other huge page");
	sptes_expect(s.slot, 0, HUGE, unwatched, "the other huge page");
	dirty_log_clear(s.slot, 0, HUGE);
	write_some(&s, 2);
	end_log(&s, 2);
}

const struct test test = {
	.name = "dirty_log",
	.group = "thp",
	.proves = "dirty logging splits huge sptes, not huge pages, and names exactly the pages written",
	.needs = { .kvm = true, .memory_mib = 64, .files = { THP_KNOBS "enabled" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "plain", plain },
		{ "initially-set", initially_set },
	},
};
