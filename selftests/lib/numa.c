// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/numa.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define HAS_MEMORY "/sys/devices/system/node/has_memory"
#define NODES_MAX 64	/* of a nodemask of one word; the kernel wants one more than its bits */
#define DEADLINE_S 10

/* "0-1,3" */
unsigned int numa_nodes(int node[2])
{
	unsigned int count = 0;
	char text[256], *p = text;

	node[0] = node[1] = -1;
	if (sysfile_read(HAS_MEMORY, text, sizeof(text)) <= 0)
		return 0;
	while (*p) {
		long first = strtol(p, &p, 10), last = *p == '-' ? strtol(p + 1, &p, 10) : first;

		for (; first <= last; first++, count++)
			if (count < 2)
				node[count] = (int)first;
		p += *p == ',';
	}
	return count;
}

static void *const *list_pages(const void *memory, size_t pages)
{
	const char **list = calloc(pages, sizeof(*list));

	if (!list)
		fail("out of memory");
	for (size_t i = 0; i < pages; i++)
		list[i] = (const char *)memory + i * GUEST_PAGE;
	return (void *const *)list;
}

static void move(const void *memory, size_t pages, const int *to, int *status)
{
	void *const *list = list_pages(memory, pages);
	long left = syscall(SYS_move_pages, 0, pages, list, to, status, to ? MPOL_MF_MOVE_ALL : 0);

	require(left >= 0, "move_pages: %s", strerror(errno));
	free((void *)list);
}

void numa_where(const void *memory, size_t pages, int *node)
{
	move(memory, pages, NULL, node);
}

static size_t count_elsewhere(const void *memory, size_t pages, int node, size_t *first)
{
	int *where = calloc(pages, sizeof(*where));
	size_t elsewhere = 0;

	if (!where)
		fail("out of memory");
	numa_where(memory, pages, where);
	for (size_t i = 0; i < pages; i++)
		if (where[i] != node && !elsewhere++)
			*first = i;
	free(where);
	return elsewhere;
}

void numa_expect(const void *memory, size_t pages, int node, const char *what)
{
	size_t first = 0, elsewhere = count_elsewhere(memory, pages, node, &first);

	expect(!elsewhere, "%s: %zu of %zu pages are not on node %d, first of them page %zu", what,
	       elsewhere, pages, node, first);
}

static void bind_range(void *memory, size_t pages, int node, unsigned int flags)
{
	const unsigned long mask = 1ul << node;

	require(!syscall(SYS_mbind, memory, pages * GUEST_PAGE, MPOL_BIND, &mask, NODES_MAX + 1, flags),
		"mbind to node %d: %s", node, strerror(errno));
}

void numa_bind(void *memory, size_t pages, int node)
{
	bind_range(memory, pages, node, 0);
}

void numa_move_racing(void *memory, size_t pages, int node)
{
	int *to = calloc(2 * pages, sizeof(*to));

	if (!to)
		fail("out of memory");
	for (size_t i = 0; i < pages; i++)
		to[i] = node;
	move(memory, pages, to, to + pages);
	free(to);
}

static void migrate_from(int from, int node)
{
	const unsigned long old = 1ul << from, new = 1ul << node;

	require(syscall(SYS_migrate_pages, 0, NODES_MAX + 1, &old, &new) >= 0,
		"migrate_pages from node %d to node %d: %s", from, node, strerror(errno));
}

/* Until nothing is elsewhere: a page that is in a per-CPU batch, or just looked at, stays behind. */
static bool again(const void *memory, size_t pages, int node, time_t *deadline)
{
	size_t first = 0, elsewhere = count_elsewhere(memory, pages, node, &first);

	if (!*deadline)
		*deadline = time(NULL) + DEADLINE_S * test_slowness();
	require(!elsewhere || time(NULL) <= *deadline,
		"%zu of %zu pages do not move to node %d, first of them page %zu", elsewhere, pages, node,
		first);
	return elsewhere;
}

void numa_move_pages(void *memory, size_t pages, int node)
{
	time_t deadline = 0;

	do {
		numa_move_racing(memory, pages, node);
	} while (again(memory, pages, node, &deadline));
}

void numa_mbind(void *memory, size_t pages, int node)
{
	time_t deadline = 0;

	do {
		bind_range(memory, pages, node, MPOL_MF_MOVE);
	} while (again(memory, pages, node, &deadline));
}

void numa_migrate_pages(void *memory, size_t pages, int from, int node)
{
	time_t deadline = 0;

	do {
		migrate_from(from, node);
	} while (again(memory, pages, node, &deadline));
}
