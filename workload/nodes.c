// SPDX-License-Identifier: GPL-2.0-only
#include "workload/nodes.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/die.h"
#include "host/path.h"
#include "workload/acts.h"
#include "workload/background.h"
#include "workload/memory.h"
#include "workload/settings.h"

#define NUMA_BALANCING "/proc/sys/kernel/numa_balancing"
#define NODE1 "/sys/devices/system/node/node1/meminfo"
#define NODES_MAX 64		/* of a nodemask of one word; the kernel wants one more than its bits */
#define PAGE 4096ul
#define BATCH 512		/* pages, by one move_pages() */
#define REST_S 2

const char *nodes_missing(const struct plan *plan)
{
	if (!plan->numa)
		return NULL;
	if (!path_exists(NODE1))
		return NODE1;
	return path_exists(NUMA_BALANCING) ? NULL : NUMA_BALANCING;
}

/* Each of the pages that was balanced has been asked for by a fault of a vCPU (do_numa_page() in mm/memory.c). */
static unsigned long balanced(void)
{
	static const char key[] = "\nnuma_pages_migrated ";
	char *text = file_read("/proc/vmstat", NULL), *line = text ? strstr(text, key) : NULL;
	unsigned long count = line ? strtoul(line + sizeof(key) - 1, NULL, 10) : 0;

	free(text);
	return count;
}

bool nodes_prepare(void)
{
	return setting_write(NUMA_BALANCING, "1");
}

/* How many of those pages are on that node; moves them there first, or only looks. -errno. */
static long place(pid_t pid, unsigned long address, unsigned long pages, int node, bool move)
{
	int to[BATCH], status[BATCH];
	void *list[BATCH];
	long count = 0;

	for (unsigned long i = 0; i < pages; i++) {
		list[i] = (void *)(address + i * PAGE);
		to[i] = node;
	}
	if (syscall(SYS_move_pages, pid, pages, list, move ? to : NULL, status, move ? MPOL_MF_MOVE_ALL : 0) < 0)
		return -errno;
	for (unsigned long i = 0; i < pages; i++)
		count += status[i] == node;
	return count;
}

/* How many of the memory's pages are there, after they were moved or not. -errno. */
static long place_all(pid_t pid, const struct memory *memory, int node, bool move)
{
	long count = 0;

	for (unsigned long address = memory->start; address < memory->end; address += BATCH * PAGE) {
		const unsigned long left = (memory->end - address) / PAGE;
		const long more = place(pid, address, left < BATCH ? left : BATCH, node, move);

		if (more < 0)
			return more;
		count += more;
	}
	return count;
}

/* All but what has no room there. -errno. */
static long send_away(pid_t pid)
{
	const unsigned long from = 1, to = 2;

	return syscall(SYS_migrate_pages, pid, NODES_MAX + 1, &from, &to) < 0 ? -errno : 0;
}

/* Swap and balancing go on meanwhile: what came is what there is more than before. */
static bool take_turn(struct nodes_count *count, pid_t pid, const struct memory *memory, bool away)
{
	const int node = away;
	const long before = place_all(pid, memory, node, false);
	long after = away ? send_away(pid) : place_all(pid, memory, node, true);

	if (away && !after)
		after = place_all(pid, memory, node, false);
	if (before < 0 || after < 0) {
		snprintf(count->why, sizeof(count->why), "%s: %s", away ? "migrate_pages" : "move_pages",
			 strerror(-(before < 0 ? before : after)));
		return false;
	}
	if (after > before)
		*(away ? &count->away : &count->back) += after - before;
	count->turns++;
	return true;
}

static void move_again_and_again(struct nodes_count *count, pid_t pid, const struct memory *memory)
{
	const struct timespec rest = { .tv_sec = REST_S };
	bool away = true;

	while (take_turn(count, pid, memory, away)) {
		away = !away;
		nanosleep(&rest, NULL);
	}
}

bool nodes_start(struct nodes *nodes, const struct guest *guest)
{
	struct memory memory;

	if (!memory_find(&memory, guest->pid)) {
		printf("# %s: its memory is not found among QEMU's mappings\n", guest->name);
		return false;
	}
	nodes->count = mmap(NULL, sizeof(*nodes->count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (nodes->count == MAP_FAILED) {
		printf("# memory for a count: %s\n", strerror(errno));
		nodes->count = NULL;
		return false;
	}
	nodes->balanced = balanced();
	if (background_start(&nodes->mover)) {
		move_again_and_again(nodes->count, guest->pid, &memory);
		_exit(0);
	}
	return nodes->mover > 0;
}

void nodes_stop(struct nodes *nodes)
{
	background_stop(&nodes->mover);
}

bool nodes_fine(const struct nodes *nodes, const struct guest *guest)
{
	const unsigned long away = nodes->count ? nodes->count->away : 0, back = nodes->count ? nodes->count->back : 0;

	return acts_nodes_fine(stdout, guest->name, away, back, balanced() - nodes->balanced,
			       nodes->count ? nodes->count->why : "");
}

void nodes_release(struct nodes *nodes)
{
	nodes_stop(nodes);
	if (nodes->count)
		munmap(nodes->count, sizeof(*nodes->count));
	*nodes = (struct nodes){ 0 };
}
