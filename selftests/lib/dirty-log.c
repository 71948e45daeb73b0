// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/dirty-log.h"

#define WORD 64

static uint64_t *make_bitmap(size_t pages, int fill)
{
	const size_t words = (pages + WORD - 1) / WORD;
	uint64_t *bitmap = calloc(words, sizeof(*bitmap));

	if (!bitmap)
		fail("out of memory");
	memset(bitmap, fill, words * sizeof(*bitmap));
	return bitmap;
}

bool dirty_log_manual(struct vm *vm, bool all_set)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args = { KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | (all_set ? KVM_DIRTY_LOG_INITIALLY_SET : 0) },
	};
	int known = ioctl(vm->fd, KVM_CHECK_EXTENSION, cap.cap);

	if (known < 0 || ((uint64_t)known & cap.args[0]) != cap.args[0])
		return false;
	require(!ioctl(vm->fd, KVM_ENABLE_CAP, &cap), "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2: %s",
		strerror(errno));
	return true;
}

void dirty_log_start(const struct memslot *slot)
{
	memslot_set_flags(slot, KVM_MEM_LOG_DIRTY_PAGES);
}

void dirty_log_stop(const struct memslot *slot)
{
	memslot_set_flags(slot, 0);
}

size_t dirty_log_read(const struct memslot *slot, bool *dirty)
{
	uint64_t *bitmap = make_bitmap(slot->pages, 0);
	struct kvm_dirty_log log = { .slot = slot->id | slot->space << 16, .dirty_bitmap = bitmap };
	size_t count = 0;

	require(!ioctl(slot->vm->fd, KVM_GET_DIRTY_LOG, &log), "KVM_GET_DIRTY_LOG: %s", strerror(errno));
	for (size_t i = 0; i < slot->pages; i++) {
		dirty[i] = bitmap[i / WORD] >> i % WORD & 1;
		count += dirty[i];
	}
	free(bitmap);
	return count;
}

void dirty_log_clear(const struct memslot *slot, size_t first, size_t count)
{
	uint64_t *bitmap = make_bitmap(count, 0xff);
	struct kvm_clear_dirty_log log = {
		.slot = slot->id | slot->space << 16, .num_pages = count, .first_page = first,
		.dirty_bitmap = bitmap,
	};

	require(!ioctl(slot->vm->fd, KVM_CLEAR_DIRTY_LOG, &log), "KVM_CLEAR_DIRTY_LOG: %s",
		strerror(errno));
	free(bitmap);
}
