// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's memory is a private mapping of a file. It reads the file's own pages, by read-only sptes;
 * what it writes is its own from then on, and neither in the file nor changed by who writes there.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/child.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define WRITTEN 24
#define WRITES 17
#define BEHIND (WRITTEN + WRITES)

/* The same pages, mapped shared. */
static char *file;

/* Version 1 is what the file holds; the guest has read none of it yet. */
static void set_up(struct stage *s)
{
	file = stage_make_private(s, PAGES);
	witness_open(&s->witness, &s->vm);
}

static void guest_reads(struct stage *s)
{
	const char *what = "guest reads the file";

	guest_check(s->vcpu, s->slot, 0, PAGES, 1);
	witness_step(&s->witness, what, &(struct step){ .faulted = PAGES });
	sptes_expect(s->slot, 0, PAGES, SPTES_READ_ONLY, what);
}

/* The guest has version 2 of the part and `others` of the rest; the file has no version 2. */
static void expect_versions(struct stage *s, unsigned int file_part, unsigned int others)
{
	guest_check(s->vcpu, s->slot, 0, WRITTEN, others);
	guest_check(s->vcpu, s->slot, WRITTEN, WRITES, 2);
	guest_check(s->vcpu, s->slot, BEHIND, PAGES - BEHIND, others);
	memory_check("owner", s->slot->hva, memory_key(s->slot->tag, 2), WRITTEN, WRITES);
	memory_check("file", file, memory_key(s->slot->tag, others), 0, WRITTEN);
	memory_check("file", file, memory_key(s->slot->tag, file_part), WRITTEN, WRITES);
	memory_check("file", file, memory_key(s->slot->tag, others), BEHIND, PAGES - BEHIND);
}

static void read_then_write(struct stage *s)
{
	const char *what = "guest writes the file's pages";

	set_up(s);
	guest_reads(s);
	require(!guest_fill(s->vcpu, s->slot, WRITTEN, WRITES, 2), "the guest cannot write");
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES, .faulted = WRITES,
	});
	sptes_expect(s->slot, 0, WRITTEN, SPTES_READ_ONLY, what);
	sptes_expect(s->slot, WRITTEN, WRITES, SPTES_WRITABLE, what);
	sptes_expect(s->slot, BEHIND, PAGES - BEHIND, SPTES_READ_ONLY, what);
	expect_versions(s, 1, 1);
	witness_step(&s->witness, "all read", &(struct step){ 0 });
}

static void guest_writes(void)
{
	struct stage s;

	read_then_write(&s);
}

/* No page table had the file's page, so nothing has to be invalidated for the copy. */
static void guest_writes_first(void)
{
	struct stage s;

	set_up(&s);
	require(!guest_fill(s.vcpu, s.slot, WRITTEN, WRITES, 2), "the guest cannot write");
	witness_step(&s.witness, "guest writes without reading", &(struct step){ .faulted = WRITES });
	sptes_expect(s.slot, WRITTEN, WRITES, SPTES_WRITABLE, "guest writes without reading");
	expect_versions(&s, 1, 1);
	witness_step(&s.witness, "all read", &(struct step){ .faulted = PAGES - WRITES });
}

/* The guest had the file's pages there, and must have the copies instead. */
static void owner_writes(void)
{
	const char *what = "owner writes the file's pages";
	struct stage s;

	set_up(&s);
	guest_reads(&s);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), WRITTEN, WRITES);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES,
	});
	sptes_expect(s.slot, WRITTEN, WRITES, SPTES_NONE, what);
	expect_versions(&s, 1, 1);
	witness_step(&s.witness, "all read", &(struct step){ .faulted = WRITES });
	sptes_expect(s.slot, WRITTEN, WRITES, SPTES_WRITABLE, "all read");
}

/* Pages that are the file's change with it, under the sptes that are there. */
static void file_written(void)
{
	struct stage s;

	read_then_write(&s);
	memory_fill(file, memory_key(s.slot->tag, 3), 0, PAGES);
	expect_versions(&s, 3, 3);
	witness_step(&s.witness, "another process writes the file", &(struct step){ 0 });
}

/* Without its copies the guest is back at the file. */
static void copies_dropped(void)
{
	struct stage s;

	read_then_write(&s);
	require(!madvise(s.slot->hva, PAGES * GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	witness_step(&s.witness, "the copies are dropped", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	guest_reads(&s);
}

static void forked(void)
{
	struct stage s;

	read_then_write(&s);
	child_fork(s.slot);
	child_step(&s.witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	child_expect_own("fork", 0, 0);
	require(!guest_fill(s.vcpu, s.slot, WRITTEN, 1, 3), "the guest cannot write");
	child_step(&s.witness, "guest writes its page again", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = 1, .faulted = 1,
	});
	child_expect_own("guest writes its page again", WRITTEN, 1);
	child_check(WRITTEN, WRITES, 2);
	child_check(0, WRITTEN, 1);
	guest_check(s.vcpu, s.slot, WRITTEN, 1, 3);
	guest_check(s.vcpu, s.slot, WRITTEN + 1, WRITES - 1, 2);
	memory_check("file", file, memory_key(s.slot->tag, 1), 0, PAGES);
	child_step(&s.witness, "all read", &(struct step){ .faulted = WRITES - 1 });
}

/* Of the file's pages as of the guest's own it has copies then; nobody else hears of that. */
static void child_writes(void)
{
	const char *what = "child writes pages of both kinds";
	struct stage s;

	read_then_write(&s);
	child_fork(s.slot);
	child_step(&s.witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	child_fill(WRITTEN / 2, WRITTEN / 2 + WRITES, 3);
	child_step(&s.witness, what, &(struct step){ 0 });
	child_expect_own(what, WRITTEN / 2, WRITTEN / 2 + WRITES);
	expect_versions(&s, 1, 1);
	child_check(0, WRITTEN / 2, 1);
	child_check(WRITTEN / 2, WRITTEN / 2 + WRITES, 3);
	child_check(BEHIND, PAGES - BEHIND, 1);
	child_step(&s.witness, "all read", &(struct step){ .faulted = PAGES });
}

const struct test test = {
	.name = "private-file",
	.group = "cow",
	.proves = "what a guest writes to a private mapping of a file is its own, the rest stays the file's",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "guest-writes", guest_writes },
		{ "guest-writes-first", guest_writes_first },
		{ "owner-writes", owner_writes },
		{ "file-written", file_written },
		{ "copies-dropped", copies_dropped },
		{ "forked", forked },
		{ "child-writes", child_writes },
	},
};
