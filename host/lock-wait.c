// SPDX-License-Identifier: GPL-2.0-only
#include "lock-wait.h"

#include <stdio.h>
#include <string.h>

#include "task-dump.h"

#define I_MMAP "i_mmap_rwsem of a file"
#define ANON_VMA "rwsem of an anon_vma"
#define MMAP "mmap_lock of a process"
#define NOTIFIERS "mmu_notifier's SRCU"

/* Where locks that reclaim and notifiers meet are taken (mm/, 5.10 to 7.x). */
static const struct {
	const char *function, *lock;
} places[] = {
	{ "rmap_walk_file", I_MMAP }, { "__rmap_walk_file", I_MMAP },
	{ "unlink_file_vma", I_MMAP }, { "unlink_file_vma_batch_final", I_MMAP }, { "vma_link", I_MMAP },
	{ "vma_link_file", I_MMAP }, { "vma_prepare", I_MMAP }, { "unmap_mapping_pages", I_MMAP },
	{ "unmap_mapping_folio", I_MMAP }, { "unmap_mapping_range", I_MMAP }, { "dup_mmap", I_MMAP },
	{ "rmap_walk_anon", ANON_VMA }, { "folio_lock_anon_vma_read", ANON_VMA },
	{ "page_lock_anon_vma_read", ANON_VMA }, { "unlink_anon_vmas", ANON_VMA },
	{ "anon_vma_clone", ANON_VMA }, { "anon_vma_fork", ANON_VMA },
	{ "mmap_read_lock", MMAP }, { "mmap_read_lock_killable", MMAP }, { "mmap_write_lock", MMAP },
	{ "mmap_write_lock_killable", MMAP }, { "lock_mm_and_find_vma", MMAP }, { "vm_mmap_pgoff", MMAP },
	{ "__vm_munmap", MMAP }, { "do_madvise", MMAP }, { "do_user_addr_fault", MMAP },
	{ "get_user_pages_unlocked", MMAP }, { "ksm_do_scan", MMAP }, { "khugepaged_scan_mm_slot", MMAP },
	{ "mmu_notifier_unregister", NOTIFIERS }, { "__mmu_notifier_release", NOTIFIERS },
};

static const struct {
	const char *function;
	enum lock_how how;
} primitives[] = {
	{ "rwsem_down_read_slowpath", LOCK_READ }, { "rwsem_down_write_slowpath", LOCK_WRITE },
	{ "down_read", LOCK_READ }, { "down_write", LOCK_WRITE }, { "down_read_killable", LOCK_READ },
	{ "down_write_killable", LOCK_WRITE }, { "__mutex_lock.constprop.0", LOCK_ALONE },
	{ "__mutex_lock", LOCK_ALONE }, { "__mutex_lock_slowpath", LOCK_ALONE }, { "mutex_lock", LOCK_ALONE },
	{ "mutex_lock_killable", LOCK_ALONE }, { "__synchronize_srcu", LOCK_ALONE },
	{ "synchronize_srcu", LOCK_ALONE },
};

/* The next word of "a < b < c"; NULL: there is none. */
static const char *next_function(const char *at)
{
	at = strstr(at, " < ");
	return at ? at + 3 : NULL;
}

static bool is_at(const char *at, const char *function)
{
	size_t length = strlen(function);

	return !strncmp(at, function, length) && (!at[length] || at[length] == ' ');
}

static bool is_primitive(const char *at, enum lock_how *how)
{
	for (size_t i = 0; i < sizeof(primitives) / sizeof(primitives[0]); i++)
		if (is_at(at, primitives[i].function)) {
			*how = primitives[i].how;
			return true;
		}
	return false;
}

bool lock_wait_of(const char *stack, struct lock_wait *wait)
{
	const char *at = stack;

	*wait = (struct lock_wait){ 0 };
	if (!at)
		return false;
	if (is_at(at, "throttle_direct_reclaim")) {	/* mm/vmscan.c: until kswapd made some progress */
		wait->task = "kswapd";
		return true;
	}
	while (at && is_primitive(at, &wait->how))
		at = next_function(at);
	if (!at || at == stack)
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (is_at(at, places[i].function)) {
			snprintf(wait->lock, sizeof(wait->lock), "%s", places[i].lock);
			return true;
		}
	snprintf(wait->lock, sizeof(wait->lock), "what %.*s() takes", (int)strcspn(at, " "), at);
	return true;
}

bool lock_may_be_held(const char *stack, const char *lock)
{
	struct lock_wait wait;

	if (lock_wait_of(stack, &wait) && !strcmp(wait.lock, lock))
		return false;
	for (size_t i = 0; stack && i < sizeof(places) / sizeof(places[0]); i++)
		if (!strcmp(places[i].lock, lock) && stack_has(stack, places[i].function))
			return true;
	return false;
}

const char *lock_how_text(enum lock_how how)
{
	static const char *const texts[] = {
		[LOCK_READ] = "for reading", [LOCK_WRITE] = "for writing", [LOCK_ALONE] = "alone",
	};

	return texts[how];
}

bool lock_is_known(const char *lock)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strcmp(places[i].lock, lock))
			return true;
	return false;
}
