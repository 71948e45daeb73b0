// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/sptes.h"
#include "spte/coherence.h"
#include "spte/pagemap.h"
#include "spte/reader.h"
#include "spte/totals.h"
#include "spte/vm.h"

/*
 * The test holds its VM still, but not the kernel, whose threads may move a page any time: what
 * looks wrong must be found so again.
 */
#define LOOKS 3
#define PAUSE_US 1000
#define SHOWN_MAX 8

/* Opened at first use, once a process. */
static struct {
	bool tried;
	pid_t pid;
	int err;
	struct spte_reader reader;
	struct pagemap_block *pagemap;
} state;

static void open_all(void)
{
	state.tried = true;
	state.pid = getpid();
	state.err = spte_reader_open(&state.reader);
	if (state.err)
		return;
	state.pagemap = malloc(sizeof(*state.pagemap));
	if (state.pagemap && pagemap_block_open(state.pagemap, state.pid)) {
		free(state.pagemap);
		state.pagemap = NULL;
	}
}

/* A child shares its parent's files, but has a pagemap of its own. */
const char *sptes_missing(void)
{
	if (!state.tried || state.pid != getpid())
		open_all();
	return state.err ? state.reader.error : NULL;
}

static int find_vm(pid_t pid, int fd, struct spte_vm *found)
{
	int err = spte_vm_find(&state.reader, pid, fd, found);

	return err == -ESRCH ? spte_vm_find(&state.reader, pid, -1, found) : err;
}

/* A kernel that does not tell enough for this MMU is one where they cannot be read. */
static bool take_of(pid_t pid, int fd, struct spte_vm *found, struct spte_snapshot *snapshot)
{
	int err;

	if (sptes_missing())
		return false;
	err = find_vm(pid, fd, found);
	if (!err)
		err = spte_snapshot_take(&state.reader, found, snapshot);
	if (err == -EOPNOTSUPP) {
		state.err = err;
		return false;
	}
	return expect(!err, "the sptes cannot be read: %s", state.reader.error);
}

static pid_t owner_of(const struct vm *vm)
{
	return vm->owner ? vm->owner : getpid();
}

static bool take(const struct vm *vm, struct spte_vm *found, struct spte_snapshot *snapshot)
{
	return take_of(owner_of(vm), vm->fd, found, snapshot);
}

static void report(void *arg, const struct spte_violation *v)
{
	const char *what = arg;
	char flags[16];

	spte_flags_text(&state.reader.format, v->leaf.spte, flags);
	expect(false, "%s: gfn %#lx hva %#lx: spte %#lx (level %u, pfn %#lx, %s) %s; pte %#lx (%s)", what,
	       v->gfn, v->hva, v->leaf.spte, v->leaf.level,
	       spte_pfn(&state.reader.format, v->leaf.spte), flags, spte_fault_text(v->fault),
	       v->pte.value, !v->pte.present ? "not present" : v->pte.writable ? "rw" : "r-");
}

static void check_coherence(const struct spte_vm *vm, struct pagemap_block *pagemap,
			    const char *what, const struct spte_snapshot *snapshot)
{
	struct spte_check check = {
		.reader = &state.reader, .vm = vm, .looks = LOOKS, .pause_us = PAUSE_US,
		.report = report, .arg = (void *)what, .pagemap = pagemap,
	};
	struct spte_slots slots;
	int err = spte_slots_read(&state.reader, vm, &slots);

	if (!err) {
		err = spte_check_run(&check, snapshot, &slots);
		spte_slots_free(&slots);
	}
	expect(!err, "%s: the sptes cannot be checked: %s", what, state.reader.error);
}

static void check_totals(const char *what, const struct spte_snapshot *snapshot)
{
	struct spte_totals totals = spte_totals(&state.reader.format, snapshot);

	for (unsigned int i = 0; i < SPTE_LEVELS; i++)
		expect(spte_totals_agree(&totals, snapshot) != TOTALS_DIFFER ||
		       totals.level[i].leaves == snapshot->after[i],
		       "%s: there are %lu leaf sptes of %s, KVM counts %lu", what,
		       totals.level[i].leaves, spte_level_name(i + 1), snapshot->after[i]);
}

void sptes_check(const struct vm *vm, const char *what, bool counted)
{
	struct spte_snapshot snapshot;
	struct spte_vm found;

	if (!take(vm, &found, &snapshot))
		return;
	check_coherence(&found, vm->owner ? NULL : state.pagemap, what, &snapshot);
	if (counted)
		check_totals(what, &snapshot);
	spte_snapshot_free(&snapshot);
}

static void add(struct spte_view *view, const struct spte_leaf *leaf, uint64_t page)
{
	const struct spte_format *format = &state.reader.format;

	view->mapped = true;
	view->writable |= spte_writable(format, leaf->spte);
	view->accessed |= spte_accessed(format, leaf->spte) != 0;
	view->dirty |= spte_dirty(format, leaf->spte) != 0;
	view->level = leaf->level;
	view->pfn = spte_pfn(format, leaf->spte) + page;
}

static bool read_views(const struct memslot *slot, size_t first, size_t count, bool nested,
		       struct spte_view *views)
{
	const uint64_t gfn = slot->gpa / 4096 + first;
	struct spte_cursor cursor = { 0 };
	struct spte_snapshot snapshot;
	struct spte_leaf leaf;
	struct spte_vm found;
	bool complete;

	memset(views, 0, count * sizeof(*views));
	if (!take(slot->vm, &found, &snapshot))
		return false;
	while (spte_snapshot_next(&state.reader.format, &snapshot, &cursor, &leaf)) {
		if (leaf.state != SPTE_LEAF || leaf.table->role.space != slot->space ||
		    (nested && !leaf.table->role.guest_mode))
			continue;
		for (uint64_t i = 0; i < spte_level_pages(leaf.level); i++)
			if (leaf.gfn + i >= gfn && leaf.gfn + i < gfn + count)
				add(&views[leaf.gfn + i - gfn], &leaf, i);
	}
	complete = !snapshot.partial;
	spte_snapshot_free(&snapshot);
	return complete || !nested;
}

bool sptes_read(const struct memslot *slot, size_t first, size_t count, struct spte_view *views)
{
	return read_views(slot, first, count, false, views);
}

bool sptes_read_nested(const struct memslot *slot, size_t first, size_t count,
		       struct spte_view *views)
{
	return read_views(slot, first, count, true, views);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static bool count_of(pid_t pid, int fd, struct sptes_count *count)
{
	struct spte_snapshot snapshot;
	struct spte_totals totals;
	struct spte_vm found;
	double begin;

	*count = (struct sptes_count){ 0 };
	if (sptes_missing())
		return false;
	begin = seconds();
	if (!take_of(pid, fd, &found, &snapshot))
		return false;
	totals = spte_totals(&state.reader.format, &snapshot);
	count->seconds = seconds() - begin;
	for (unsigned int i = 0; i < SPTE_LEVELS; i++)
		count->leaves[i] = totals.level[i].leaves;
	spte_snapshot_free(&snapshot);
	return true;
}

bool sptes_count(const struct vm *vm, struct sptes_count *count)
{
	return count_of(owner_of(vm), vm->fd, count);
}

bool sptes_count_process(pid_t pid, struct sptes_count *count)
{
	return count_of(pid, -1, count);
}

static bool is_as(const struct spte_view *view, enum sptes expected)
{
	switch (expected) {
	case SPTES_NONE:
		return !view->mapped;
	case SPTES_READ_ONLY:
		return view->mapped && !view->writable;
	case SPTES_WRITABLE:
		return view->writable;
	case SPTES_MAPPED:
		return view->mapped;
	}
	return false;
}

static void expect_views(size_t first, size_t count, const bool *only, enum sptes expected,
			 const char *what, const struct spte_view *views)
{
	static const char *const names[] = { "none", "read-only", "writable", "any" };
	unsigned int wrong = 0;

	for (size_t i = 0; i < count; i++)
		if ((!only || only[i]) && !is_as(&views[i], expected) && wrong++ < SHOWN_MAX)
			expect(false, "%s: page %zu has %s spte, expected %s", what, first + i,
			       !views[i].mapped ? "no" :
			       views[i].writable ? "a writable" : "a read-only", names[expected]);
	expect(wrong <= SHOWN_MAX, "%s: and %u pages more", what, wrong - SHOWN_MAX);
}

static struct spte_view *alloc_views(size_t count, const char *what)
{
	struct spte_view *views = calloc(count ? count : 1, sizeof(*views));

	if (!views)
		fail("%s: out of memory", what);
	return views;
}

void sptes_expect_only(const struct memslot *slot, size_t first, size_t count, const bool *only,
		       enum sptes expected, const char *what)
{
	struct spte_view *views = alloc_views(count, what);

	if (sptes_read(slot, first, count, views))
		expect_views(first, count, only, expected, what, views);
	free(views);
}

void sptes_expect_nested(const struct memslot *slot, size_t first, size_t count,
			 enum sptes expected, const char *what)
{
	struct spte_view *views = alloc_views(count, what);

	if (sptes_read_nested(slot, first, count, views))
		expect_views(first, count, NULL, expected, what, views);
	free(views);
}

void sptes_expect(const struct memslot *slot, size_t first, size_t count, enum sptes expected,
		  const char *what)
{
	sptes_expect_only(slot, first, count, NULL, expected, what);
}

void sptes_expect_level(const struct memslot *slot, size_t first, size_t count, unsigned int level,
			const char *what)
{
	struct spte_view *views = calloc(count ? count : 1, sizeof(*views));
	size_t wrong = 0, example = 0;

	if (!views)
		fail("%s: out of memory", what);
	if (sptes_read(slot, first, count, views))
		for (size_t i = 0; i < count; i++)
			if ((!views[i].mapped || views[i].level != level) && !wrong++)
				example = i;
	expect(!wrong, "%s: %zu of %zu pages are not mapped by an spte of level %u, page %zu by one of level %u",
	       what, wrong, count, level, first + example, views[example].level);
	free(views);
}
