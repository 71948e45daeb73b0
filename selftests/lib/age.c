// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/age.h"
#include "lib/btf.h"
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/knob.h"
#include "lib/lru.h"
#include "lib/pagemap.h"
#include "lib/sysfile.h"
#include "lib/thp.h"

#define DEBUGFS "/sys/kernel/debug"
#define LRU_GEN DEBUGFS "/lru_gen"
#define LRU_GEN_ENABLED "/sys/kernel/mm/lru_gen/enabled"
#define EVICT_PAGES 100000	/* no limit */
#define IDLE_BITMAP "/sys/kernel/mm/page_idle/bitmap"

static void mount_debugfs(void)
{
	if (sysfile_exists(LRU_GEN) || mount("debugfs", DEBUGFS, "debugfs", 0, NULL))
		return;
	keeper_add(UNDO_UMOUNT, DEBUGFS, NULL);
}

void mglru_prepare(void)
{
	if (!sysfile_exists(LRU_GEN_ENABLED))
		skip_case("kernel without the multi-generational LRU");
	mount_debugfs();
	if (!sysfile_exists(LRU_GEN))
		skip_case("no %s", LRU_GEN);
	knob_set(LRU_GEN_ENABLED, "0x0007");
	/* walk_mm() passes over an mm whose mmap_lock is held for write, as khugepaged does when it collapses. */
	if (sysfile_exists(THP_KNOBS "enabled"))
		thp_prepare();
	cgroup_enter();
}

void mglru_off(void)
{
	if (sysfile_exists(LRU_GEN_ENABLED))
		knob_set(LRU_GEN_ENABLED, "0x0000");
}

bool mglru_asks_secondary_mmus(void)
{
	struct kernel_btf *btf = kernel_btf_open();
	bool asks = btf && btf_returns_value(btf, "lru_gen_look_around") > 0;

	kernel_btf_close(btf);
	return asks;
}

void mglru_pin(void)
{
	if (sysfile_exists(LRU_GEN_ENABLED))
		knob_try(LRU_GEN_ENABLED, mglru_asks_secondary_mmus() ? "0x0007" : "0x0000");
}

static void command(const char *text)
{
	int err = sysfile_write(LRU_GEN, text);

	require(!err, "%s <- %s: %s", LRU_GEN, text, strerror(-err));
}

/* Ages one node of a cgroup: "+ memcg node newest-generation swappiness force". */
static void age_node(unsigned long memcg, unsigned long node, unsigned long newest)
{
	char text[128];

	snprintf(text, sizeof(text), "+ %lu %lu %lu 100 1", memcg, node, newest);
	command(text);
}

/* "- memcg node generation swappiness pages": the two newest are never evicted, 200 is anonymous only. */
static void evict_node(unsigned long memcg, unsigned long node, unsigned long newest)
{
	char text[128];

	snprintf(text, sizeof(text), "- %lu %lu %lu 200 %d", memcg, node, newest - 2, EVICT_PAGES);
	command(text);
}

/*
 * The file has, for each cgroup, "memcg ID PATH", for each node " node N", and a line for each
 * generation, the newest last.
 */
static void each_node(void (*act)(unsigned long memcg, unsigned long node, unsigned long newest))
{
	unsigned long memcg = 0, node = 0, generation = 0, number;
	bool ours = false, have = false;
	char *text, *rest, *line, path[256];

	text = sysfile_load(LRU_GEN, NULL);
	require(text, "%s: %s", LRU_GEN, strerror(errno));
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (have && (!strncmp(line, "memcg", 5) || !strncmp(line, " node", 5) || !*line)) {
			act(memcg, node, generation);
			have = false;
		}
		path[0] = '\0';
		if (sscanf(line, "memcg %lu %255s", &number, path) >= 1) {
			memcg = number;
			ours = !strcmp(path, cgroup_name());
		} else if (sscanf(line, " node %lu", &number) == 1) {
			node = number;
		} else if (ours && sscanf(line, " %lu", &number) == 1) {
			generation = number;
			have = true;
		}
	}
	free(text);
}

void mglru_age(void)
{
	lru_drain();
	each_node(age_node);
}

void mglru_evict(void)
{
	each_node(evict_node);
}

/* The file is an array of 64-bit words, a bit for each pfn. */
static int open_bitmap(void)
{
	int fd = open(IDLE_BITMAP, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		skip_case("%s: %s", IDLE_BITMAP, strerror(errno));
	return fd;
}

static struct page_state *states_of(const void *memory, size_t pages)
{
	struct page_state *state = calloc(pages, sizeof(*state));

	require(state, "no memory for the state of %zu pages", pages);
	pagemap_read(memory, state, pages);
	return state;
}

/*
 * The bitmap has words of 64 pages. One that memory ends in is cut off: page_idle_bitmap_read() and _write()
 * do their work and say that it was nothing. Which pages the test gets is luck.
 */
static void expect_word(ssize_t done, size_t page)
{
	require(done >= 0, "%s: %s", IDLE_BITMAP, strerror(errno));
	if (!done)
		skip_case("page %zu is among the last pages of memory, which %s cannot tell of", page,
			  IDLE_BITMAP);
	require(done == 8, "%s gives %zd bytes of 8", IDLE_BITMAP, done);
}

void idle_mark(const void *memory, size_t pages)
{
	int fd = open_bitmap();
	struct page_state *state;
	uint64_t word;
	size_t i;

	lru_drain();
	state = states_of(memory, pages);
	for (i = 0; i < pages; i++) {
		word = 1UL << (state[i].pfn % 64);
		expect_word(pwrite(fd, &word, 8, state[i].pfn / 64 * 8), i);
	}
	free(state);
	close(fd);
}

void idle_read(const void *memory, size_t pages, bool *idle)
{
	int fd = open_bitmap();
	struct page_state *state = states_of(memory, pages);
	uint64_t word;
	size_t i;

	for (i = 0; i < pages; i++) {
		expect_word(pread(fd, &word, 8, state[i].pfn / 64 * 8), i);
		idle[i] = word >> (state[i].pfn % 64) & 1;
	}
	free(state);
	close(fd);
}
