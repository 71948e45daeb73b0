// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/child.h"
#include "lib/exit.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/peer.h"
#include "lib/sptes.h"

/* The child's copy of `slot` says where its memory is. */
static const struct memslot *slot;
static struct peer child;

/* What it is asked, and what it answers. */
static struct {
	size_t first, count;
	unsigned int version;
	struct page_state page[];
} *shared;

void child_fork(const struct memslot *of)
{
	slot = of;
	shared = shared_alloc(sizeof(*shared) + of->pages * sizeof(shared->page[0]));
	peer_start(&child, "the child");
}

static void ask(void (*function)(void), size_t first, size_t count, unsigned int version)
{
	shared->first = first;
	shared->count = count;
	shared->version = version;
	peer_call(&child, function);
}

static void check(void)
{
	memory_check("the child", slot->hva, memory_key(slot->tag, shared->version), shared->first,
		     shared->count);
}

void child_check(size_t first, size_t count, unsigned int version)
{
	ask(check, first, count, version);
}

void child_expect_versions(struct vcpu *vcpu, size_t first, size_t count, unsigned int guest,
			   unsigned int theirs)
{
	const size_t end = first + count;

	guest_check(vcpu, slot, 0, first, 1);
	guest_check(vcpu, slot, first, count, guest);
	guest_check(vcpu, slot, end, slot->pages - end, 1);
	memory_check("host", slot->hva, memory_key(slot->tag, guest), first, count);
	child_check(0, first, 1);
	child_check(first, count, theirs);
	child_check(end, slot->pages - end, 1);
}

static void fill(void)
{
	memory_fill(slot->hva, memory_key(slot->tag, shared->version), shared->first, shared->count);
}

void child_fill(size_t first, size_t count, unsigned int version)
{
	ask(fill, first, count, version);
}

static void unmap(void)
{
	require(!munmap(slot_page(slot, shared->first), shared->count * GUEST_PAGE), "munmap: %s",
		strerror(errno));
}

void child_unmap(size_t first, size_t count)
{
	ask(unmap, first, count, 0);
}

void child_end(void)
{
	int status;

	close(child.fd);
	require(wait(&status) > 0 && !status, "the child did not end well");
	child.fd = -1;
}

static void look(void)
{
	pagemap_read(slot->hva, shared->page, slot->pages);
}

/* Which pages both have; none once the child is gone. The caller frees it. */
static bool *find_common(struct page_state *own)
{
	bool *common = calloc(slot->pages, sizeof(*common));

	if (!common)
		fail("out of memory");
	pagemap_read(slot->hva, own, slot->pages);
	if (child.fd < 0)
		return common;
	ask(look, 0, slot->pages, 0);
	for (size_t i = 0; i < slot->pages; i++)
		common[i] = own[i].present && shared->page[i].present &&
			    own[i].pfn == shared->page[i].pfn;
	return common;
}

static struct page_state *alloc_states(void)
{
	struct page_state *states = calloc(slot->pages, sizeof(*states));

	if (!states)
		fail("out of memory");
	return states;
}

static void check_sptes(const char *what, const struct page_state *own, const bool *common)
{
	struct spte_view *views = calloc(slot->pages, sizeof(*views));

	if (!views)
		fail("%s: out of memory", what);
	if (sptes_read(slot, 0, slot->pages, views))
		for (size_t i = 0; i < slot->pages; i++)
			expect(!common[i] || !views[i].mapped ||
			       (!views[i].writable && views[i].pfn == own[i].pfn),
			       "%s: page %zu, pfn %#lx, is the child's as well, its spte is %s, pfn %#lx",
			       what, i, own[i].pfn, views[i].writable ? "writable" : "read-only",
			       views[i].pfn);
	free(views);
}

void child_step(struct witness *w, const char *what, const struct step *step)
{
	struct page_state *own = alloc_states();
	bool *common;

	witness_step(w, what, step);
	common = find_common(own);
	check_sptes(what, own, common);
	free(common);
	free(own);
}

void child_expect_own(const char *what, size_t first, size_t count)
{
	struct page_state *own = alloc_states();
	bool *common = find_common(own), expected;

	for (size_t i = 0; i < slot->pages; i++) {
		expected = i < first || i >= first + count;
		expect(common[i] == expected, "%s: page %zu is %s, pfn %#lx here, %#lx in the child", what,
		       i, common[i] ? "shared with the child" : "not the one that the child has",
		       own[i].pfn, shared->page[i].pfn);
	}
	free(common);
	free(own);
}
