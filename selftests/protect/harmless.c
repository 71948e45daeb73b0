// SPDX-License-Identifier: GPL-2.0-only
/*
 * The negative control: what the host does to the mapping of a guest's memory that takes nothing from
 * anybody. No spte may go for it, and nobody be told.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

/* linux/prctl.h, since 5.17 */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#define BACKINGS (BACKING_ANON | BACKING_MEMFD | BACKING_HUGETLB)

static struct stage s;

static void *part(void)
{
	return slot_page(s.slot, backing()->middle);
}

static size_t part_size(void)
{
	return backing()->part * GUEST_PAGE;
}

static void expect_nothing(const char *what)
{
	const size_t pages = s.slot->pages;

	witness_step(&s.witness, what, &(struct step){ 0 });
	sptes_expect(s.slot, 0, pages, SPTES_WRITABLE, what);
}

static void locked(void)
{
	stage_set(&s, backing()->pages);
	require(!mlock(part(), part_size()), "mlock: %s", strerror(errno));
	expect_nothing("mlock of a part");
	require(!munlock(part(), part_size()), "munlock: %s", strerror(errno));
	expect_nothing("munlock");
	require(!mlock2(part(), part_size(), MLOCK_ONFAULT), "mlock2: %s", strerror(errno));
	expect_nothing("mlock2 of a part");
	require(!munlock(part(), part_size()), "munlock: %s", strerror(errno));
	stage_write(&s, "guest writes all", 0, s.slot->pages, 2, 0);
	stage_read(&s, "all read all", 0, s.slot->pages, 2, 0);
}

static void advised(void)
{
	static const struct {
		int advice;
		const char *name;
	} advices[] = {
		{ MADV_RANDOM, "MADV_RANDOM" },
		{ MADV_SEQUENTIAL, "MADV_SEQUENTIAL" },
		{ MADV_NORMAL, "MADV_NORMAL" },
		{ MADV_WILLNEED, "MADV_WILLNEED" },
		{ MADV_DONTDUMP, "MADV_DONTDUMP" },
		{ MADV_DODUMP, "MADV_DODUMP" },
		{ MADV_DONTFORK, "MADV_DONTFORK" },
		{ MADV_DOFORK, "MADV_DOFORK" },
	};

	stage_set(&s, backing()->pages);
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		if (!madvise(part(), part_size(), advices[i].advice))
			expect_nothing(advices[i].name);
		else
			expect(errno == EINVAL, "%s: %s", advices[i].name, strerror(errno));
	}
	stage_read(&s, "all read all", 0, s.slot->pages, 1, 0);
}

/* As much as a part had before: mprotect() returns at once (mprotect_fixup()). */
static void same_rights(void)
{
	stage_set(&s, backing()->pages);
	require(!mprotect(part(), part_size(), PROT_READ | PROT_WRITE), "mprotect: %s", strerror(errno));
	expect_nothing("mprotect to the same rights");
	stage_read(&s, "all read all", 0, s.slot->pages, 1, 0);
}

/* Registered for KSM, huge pages or under a name: nothing happens before somebody acts on it. */
static void registered(void)
{
	ksm_prepare();
	thp_prepare();
	stage_set(&s, backing()->pages);
	ksm_register(part(), backing()->part);
	expect_nothing("MADV_MERGEABLE of a part");
	require(!madvise(part(), part_size(), MADV_HUGEPAGE), "MADV_HUGEPAGE: %s", strerror(errno));
	expect_nothing("MADV_HUGEPAGE of a part");
	/* EINVAL: a kernel without names */
	require(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, part(), part_size(), "guest") ||
		errno == EINVAL, "PR_SET_VMA_ANON_NAME: %s", strerror(errno));
	expect_nothing("a name for a part");
	stage_read(&s, "all read all", 0, s.slot->pages, 1, 0);
}

const struct test test = {
	.name = "harmless",
	.group = "protect",
	.proves = "no spte goes for what the host does to a mapping without taking anything from it",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "locked", locked, .backings = BACKINGS },
		{ "advised", advised, .backings = BACKINGS },
		{ "same-rights", same_rights, .backings = BACKINGS },
		{ "registered", registered, { .ksm = true, .files = { THP_KNOBS "enabled" } } },
	},
};
