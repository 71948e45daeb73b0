// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two VMs of one process, each with the same file in two memslots: a page has four sptes. A hole in
 * the file takes all four of each of its pages, and the reader counts each VM right by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define MIDDLE 24
#define PART 17
#define VMS 2
#define ALIASES 2	/* memslots of a VM */

struct stage {
	int fd;
	struct vm vm[VMS];
	struct memslot *slot[VMS][ALIASES];
	struct witness witness[VMS];
};

static void step(struct stage *s, const char *what, const struct step *step)
{
	for (int i = 0; i < VMS; i++)
		witness_step(&s->witness[i], what, step);
}

/* Every guest, by every memslot. */
static void check_all(struct stage *s, size_t first, size_t count, unsigned int version)
{
	for (int i = 0; i < VMS; i++)
		for (int j = 0; j < ALIASES; j++)
			guest_check(&s->vm[i].vcpu[0], s->slot[i][j], first, count, version);
}

static void expect_all(const struct stage *s, size_t first, size_t count, enum sptes expected,
		       const char *what)
{
	for (int i = 0; i < VMS; i++)
		for (int j = 0; j < ALIASES; j++)
			sptes_expect(s->slot[i][j], first, count, expected, what);
}

/* Four sptes of one page all say the same pfn. */
static void expect_one_page(const struct stage *s, const char *what)
{
	struct spte_view first[PAGES], views[PAGES];
	size_t differ = 0;

	if (!sptes_read(s->slot[0][0], 0, PAGES, first))
		return;
	for (int i = 0; i < VMS; i++)
		for (int j = 0; j < ALIASES; j++) {
			if (!sptes_read(s->slot[i][j], 0, PAGES, views))
				return;
			for (size_t page = 0; page < PAGES; page++)
				differ += !views[page].mapped || views[page].pfn != first[page].pfn;
		}
	expect(!differ, "%s: %zu sptes are not of the page that the first guest has", what, differ);
}

static void set_up(struct stage *s)
{
	s->fd = memfd_create("guest", MFD_CLOEXEC);
	require(s->fd >= 0, "memfd_create: %s", strerror(errno));
	require(!ftruncate(s->fd, PAGES * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	for (int i = 0; i < VMS; i++)
		vm_create(&s->vm[i], 1);
	for (int j = 0; j < ALIASES; j++) {
		void *memory = memory_map_file(s->fd, PAGES);

		for (int i = 0; i < VMS; i++) {
			s->slot[i][j] = vm_add_memslot(&s->vm[i], memory, PAGES);
			s->slot[i][j]->tag = 1;
		}
	}
	for (int i = 0; i < VMS; i++)
		witness_open_counters(&s->witness[i], &s->vm[i]);
	guest_fill(&s->vm[0].vcpu[0], s->slot[0][0], 0, PAGES, 1);
	check_all(s, 0, PAGES, 1);
	step(s, "all guests read", &(struct step){ .faulted = ALIASES * PAGES });
	expect_one_page(s, "all guests read");
}

static void punch_hole(struct stage *s, size_t first, size_t count)
{
	require(!fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first * GUEST_PAGE,
			   count * GUEST_PAGE), "fallocate: %s", strerror(errno));
	step(s, "a hole in the file", &(struct step){ .zapped = ALIASES * count });
	expect_all(s, first, count, SPTES_NONE, "a hole in the file");
	expect_all(s, 0, first, SPTES_MAPPED, "before the hole");
	expect_all(s, first + count, PAGES - first - count, SPTES_MAPPED, "behind the hole");
}

/* One guest writes the new pages, all others find them. */
static void fill_hole(struct stage *s, size_t first, size_t count)
{
	guest_fill(&s->vm[1].vcpu[0], s->slot[1][1], first, count, 2);
	check_all(s, first, count, 2);
	check_all(s, 0, first, 1);
	check_all(s, first + count, PAGES - first - count, 1);
	step(s, "all guests read the new pages", &(struct step){ .faulted = ALIASES * count });
	expect_one_page(s, "all guests read the new pages");
}

static void part(void)
{
	struct stage s;

	set_up(&s);
	punch_hole(&s, MIDDLE, PART);
	fill_hole(&s, MIDDLE, PART);
}

static void whole(void)
{
	struct stage s;

	set_up(&s);
	punch_hole(&s, 0, PAGES);
	fill_hole(&s, 0, PAGES);
}

/* What ends with one VM is not missing in the other. */
static void one_ends(void)
{
	struct stage s;

	set_up(&s);
	vm_destroy(&s.vm[1]);
	guest_check(&s.vm[0].vcpu[0], s.slot[0][1], 0, PAGES, 1);
	witness_step(&s.witness[0], "the other VM is gone", &(struct step){ 0 });
	sptes_expect(s.slot[0][0], 0, PAGES, SPTES_MAPPED, "the other VM is gone");
}

const struct test test = {
	.name = "many",
	.group = "spte",
	.proves = "a page that two VMs map twice each loses all four sptes together",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.timeout_s = 20,
	.cases = {
		{ "part", part },
		{ "whole", whole },
		{ "one-ends", one_ends },
	},
};
