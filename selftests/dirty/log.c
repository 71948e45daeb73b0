// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dirty log while the host takes the logged pages away and gives others for them: swapped, migrated,
 * merged, split. None of that is a write, and no write may be missing.
 *
 * KVM may say more than the guest did in one case: a read that has to map a page maps it writable if the
 * host may write it, and as that guest's writes to it are not seen any more, the page is in the log
 * (make_spte() in arch/x86/kvm/mmu/spte.c). So a writable spte is always of a page in the log.
 */
#include <string.h>

#include "lib/check.h"
#include "lib/dirty-log.h"
#include "lib/displace.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/written.h"

#define PAGES 128
#define CLEARED 64	/* at a time, of a log that is cleared by hand */

static struct stage s;
static size_t pages;
static bool manual;
static struct written written = { .stage = &s };
static bool logged[WRITTEN_MAX];
static struct spte_view views[WRITTEN_MAX];

static void set_up(enum displace how)
{
	pages = how == DISPLACE_SPLIT ? THP_PAGES : PAGES;
	stage_make(&s, displace_alloc(how, pages), pages);
	if (manual && !dirty_log_manual(&s.vm, false))
		skip_case("KVM without KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2");
	dirty_log_start(s.slot);
	witness_open(&s.witness, &s.vm);
	for (size_t page = 0; page < pages; page++) {
		written.since[page] = true;
		written.value[page] = 1;
	}
	require(!guest_write_each(s.vcpu, s.slot, 0, pages, 1), "the guest cannot write");
	witness_step(&s.witness, "guest writes all", &(struct step){ .faulted = pages });
	if (how == DISPLACE_SPLIT && thp_count(s.slot->hva) != pages)
		skip_case("the host gave no huge page");
}

/* The log is what was written, page for page; `read`: the guest read others since, see above. */
static void expect_log(const char *what, bool read)
{
	const bool have = sptes_read(s.slot, 0, pages, views);
	size_t missing = 0, extra = 0, unlogged = 0, last = 0;

	dirty_log_read(s.slot, logged);
	for (size_t page = 0; page < pages; page++) {
		const bool may = read && (!have || views[page].writable);

		missing += written.since[page] && !logged[page];
		extra += logged[page] && !written.since[page] && !may;
		unlogged += have && views[page].writable && views[page].dirty && !logged[page];
		if (logged[page] != written.since[page] && !may)
			last = page;
	}
	expect(!missing && !extra, "%s: %zu pages are missing in the log and %zu too many, the last is %zu",
	       what, missing, extra, last);
	expect(!unlogged, "%s: the guest may write %zu pages that are not in the log", what, unlogged);
}

/* Cleared part by part, and only where it was; or by having been read. */
static void clear_log(const char *what)
{
	if (!manual) {
		memset(written.since, 0, sizeof(written.since));
		return;
	}
	for (size_t first = 0; first < pages; first += CLEARED) {
		memcpy(written.since, logged, sizeof(logged));
		dirty_log_clear(s.slot, first, CLEARED);
		memset(written.since + first, 0, CLEARED * sizeof(*written.since));
		expect_log(what, false);
	}
}

static void take_log(const char *what, bool read)
{
	expect_log(what, read);
	clear_log(what);
	expect_log(what, false);
	sptes_check(&s.vm, what, true);
}

static void write_some(uint64_t version)
{
	for (size_t page = 0; page < pages; page++)
		if (written_chosen(page, version))
			written_page(&written, page, version);
	written_step(&written, "guest writes some");
}

static void read_all(const char *what)
{
	written_check(&written, what);
	take_log(what, true);
}

static void story(enum displace how)
{
	struct step step;

	set_up(how);
	take_log("guest wrote all", false);
	write_some(2);
	step = displace(how, s.slot->hva, pages);
	witness_step(&s.witness, "host takes all pages away", &step);
	take_log("written before that", false);
	write_some(3);
	take_log("written after that", false);
	read_all("guest reads all");
	write_some(4);
	step = displace(how, s.slot->hva, pages);
	step.racing = step.partial = true;
	witness_step(&s.witness, "host takes all pages away again", &step);
	take_log("written before the second time", false);
	read_all("guest reads all again");
}

DISPLACE_CASES(story)

static void swap_manual(void)
{
	manual = true;
	story(DISPLACE_SWAP);
}

static void migrate_manual(void)
{
	manual = true;
	story(DISPLACE_MIGRATE);
}

static void ksm_manual(void)
{
	manual = true;
	story(DISPLACE_KSM);
}

static void split_manual(void)
{
	manual = true;
	story(DISPLACE_SPLIT);
}

#define SAME_STORY "the same story as without -manual, cleared by hand"

const struct test test = {
	.name = "log",
	.group = "dirty",
	.proves = "the dirty log is what the guest wrote, whatever the host does to its pages",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISPLACE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "swap", swap, { .swap = true } },
		{ "migrate", migrate, { .nodes = 2 } },
		{ "ksm", ksm, { .ksm = true } },
		{ "split", split, { .files = { THP_KNOBS "enabled" } } },
		{ "swap-manual", swap_manual, { .swap = true } },
		{ "migrate-manual", migrate_manual, { .nodes = 2 }, .full = SAME_STORY },
		{ "ksm-manual", ksm_manual, { .ksm = true }, .full = SAME_STORY },
		{ "split-manual", split_manual, { .files = { THP_KNOBS "enabled" } },
		  .full = SAME_STORY },
	},
};
