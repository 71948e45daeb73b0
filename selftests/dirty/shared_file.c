// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest writes memory that is a file, mapped shared. Each of its bytes has to reach the device:
 * written before and after the file was cleaned under it, with its sptes zapped in any way.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/age.h"
#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 128
#define SIZE (PAGES * GUEST_PAGE)
#define MIDDLE 40
#define PART 23
#define WINDOWS 24	/* from MIDDLE on: whole windows of what one fault may map, see kvm_probe_prefetch() */
#define ROUNDS 8
#define IDLE 2000	/* iterations of the guest after each write */
#define PAGEOUT_TRIES 20

struct stage {
	struct disk_file file;
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot;
	struct witness witness;
};

static void set_up(struct stage *s)
{
	disk_file_create(&s->file, PAGES);
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory_map_file(s->file.fd, PAGES), PAGES);
	witness_open(&s->witness, &s->vm);
	guest_fill(s->vcpu, s->slot, 0, PAGES, 1);
	witness_step(&s->witness, "guest writes", &(struct step){ .faulted = PAGES });
}

static uint64_t key(const struct stage *s, unsigned int version)
{
	return memory_key(s->slot->tag, version);
}

/* Cleaning a page takes the right to write it away, so that the next write is noticed. */
static void sync_mapping(struct stage *s, const char *what, size_t first, size_t count)
{
	void *start = slot_page(s->slot, first);

	require(!msync(start, count * GUEST_PAGE, MS_SYNC), "msync: %s", strerror(errno));
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = start, .pages = count, .zapped = count,
	});
}

static void zap(void)
{
	struct stage s;

	set_up(&s);
	munmap(s.slot->hva, SIZE);
	witness_step(&s.witness, "munmap of a dirty file", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	require(!fsync(s.file.fd), "fsync: %s", strerror(errno));
	disk_file_evict(&s.file);
	disk_file_check(&s.file, "device", key(&s, 1));
}

static void cleaned(void)
{
	struct stage s;

	set_up(&s);
	sync_mapping(&s, "first msync", 0, PAGES);
	disk_file_check(&s.file, "device after the first msync", key(&s, 1));
	require(!guest_fill(s.vcpu, s.slot, 0, PAGES, 2), "the guest cannot write again");
	witness_step(&s.witness, "guest writes again", &(struct step){ .faulted = PAGES });
	sync_mapping(&s, "second msync", 0, PAGES);
	disk_file_check(&s.file, "device after the second msync", key(&s, 2));
	memory_check("host", s.slot->hva, key(&s, 2), 0, PAGES);
}

/* Only what was written again is dirty again. */
static void cleaned_part(void)
{
	struct stage s;

	set_up(&s);
	sync_mapping(&s, "msync of all", 0, PAGES);
	require(!guest_fill(s.vcpu, s.slot, MIDDLE, PART, 2), "the guest cannot write again");
	witness_step(&s.witness, "guest writes a part again", &(struct step){ .faulted = PART });
	sync_mapping(&s, "msync of the part", MIDDLE, PART);
	guest_check(s.vcpu, s.slot, 0, MIDDLE, 1);
	guest_check(s.vcpu, s.slot, MIDDLE, PART, 2);
	guest_check(s.vcpu, s.slot, MIDDLE + PART, PAGES - MIDDLE - PART, 1);
	witness_step(&s.witness, "guest reads all", &(struct step){ .faulted = PAGES });
}

static void evicted(void)
{
	struct stage s;

	set_up(&s);
	sync_mapping(&s, "msync", 0, PAGES);
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads clean pages", &(struct step){ .faulted = PAGES });
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "guest reads clean pages");
	require(!madvise(s.slot->hva, SIZE, MADV_DONTNEED), "MADV_DONTNEED: %s", strerror(errno));
	witness_step(&s.witness, "MADV_DONTNEED", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	disk_file_evict(&s.file);
	disk_file_check(&s.file, "device", key(&s, 1));
	require(!guest_check(s.vcpu, s.slot, 0, PAGES, 1), "the guest cannot read");
	witness_step(&s.witness, "guest reads from the device", &(struct step){ .faulted = PAGES });
}

/* Zapped while dirty, and nobody syncs the mapping: the page itself must know. */
static void dropped_dirty(void)
{
	struct stage s;

	set_up(&s);
	require(!madvise(s.slot->hva, SIZE, MADV_DONTNEED), "MADV_DONTNEED: %s", strerror(errno));
	witness_step(&s.witness, "MADV_DONTNEED of dirty pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	require(!fsync(s.file.fd), "fsync: %s", strerror(errno));
	disk_file_evict(&s.file);
	disk_file_check(&s.file, "device", key(&s, 1));
	require(!guest_check(s.vcpu, s.slot, 0, PAGES, 1), "the guest cannot read");
	witness_step(&s.witness, "guest reads from the device", &(struct step){ .faulted = PAGES });
}

/* By reclaim, which finds no dirty page and unmaps them itself; what the guest writes again is dirty again. */
static void paged_out(void)
{
	struct stage s;

	mglru_off();
	set_up(&s);
	sync_mapping(&s, "msync", 0, PAGES);
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads clean pages", &(struct step){ .faulted = PAGES });
	for (int tries = 0; tries < PAGEOUT_TRIES && pagemap_count_present(s.slot->hva, PAGES); tries++) {
		lru_drain();
		swap_out_once(s.slot->hva, PAGES);
	}
	witness_step(&s.witness, "MADV_PAGEOUT", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	disk_file_evict(&s.file);
	require(!guest_fill(s.vcpu, s.slot, MIDDLE, WINDOWS, 2), "the guest cannot write again");
	witness_step(&s.witness, "guest writes a part again", &(struct step){ .faulted = WINDOWS });
	swap_out_once(s.slot->hva, PAGES);
	witness_step(&s.witness, "MADV_PAGEOUT of dirty pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .racing = true, .partial = true,
	});
	require(!fsync(s.file.fd), "fsync: %s", strerror(errno));
	disk_file_check_part(&s.file, "device", key(&s, 1), 0, MIDDLE);
	disk_file_check_part(&s.file, "device", key(&s, 2), MIDDLE, WINDOWS);
	guest_check(s.vcpu, s.slot, MIDDLE, WINDOWS, 2);
	guest_check(s.vcpu, s.slot, MIDDLE + WINDOWS, PAGES - MIDDLE - WINDOWS, 1);
}

/* A page that moves while only the spte, or the guest's last write, says that it is dirty. */
static void migrated(void)
{
	struct stage s;
	int node[2];

	numa_nodes(node);
	set_up(&s);
	for (unsigned int version = 1; version <= 2; version++) {
		lru_drain();
		numa_move_pages(s.slot->hva, PAGES, node[version % 2]);
		witness_step(&s.witness, "move_pages of dirty pages", &(struct step){
			.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
		});
		require(!fsync(s.file.fd), "fsync: %s", strerror(errno));
		witness_step(&s.witness, "fsync", &(struct step){
			.event = NOTIFY_PROTECTION_PAGE, .hva = s.slot->hva, .pages = PAGES, .partial = true,
		});
		disk_file_check(&s.file, "device", key(&s, version));
		guest_check(s.vcpu, s.slot, 0, PAGES, version);
		witness_step(&s.witness, "guest reads clean pages", &(struct step){ .faulted = PAGES });
		require(!guest_fill(s.vcpu, s.slot, 0, PAGES, version + 1), "the guest cannot write again");
		witness_step(&s.witness, "guest writes again", &(struct step){ .upgraded = PAGES });
	}
}

/* What is cut off is not written back, and what is dirty before it is. */
static void truncated(void)
{
	uint64_t word;
	struct stage s;
	size_t page;

	set_up(&s);
	require(!ftruncate(s.file.fd, MIDDLE * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	witness_step(&s.witness, "ftruncate", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, MIDDLE), .pages = PAGES - MIDDLE,
		.zapped = PAGES - MIDDLE,
	});
	guest_expect_efault(s.vcpu, s.slot, MIDDLE, PAGES - MIDDLE, true);
	witness_step(&s.witness, "guest faults out", &(struct step){ 0 });
	require(!ftruncate(s.file.fd, SIZE), "ftruncate: %s", strerror(errno));
	for (page = MIDDLE; page < PAGES; page++)
		expect(!guest_read(s.vcpu, s.slot, page, &word) && !word, "page %zu is no hole for the guest",
		       page);
	require(!guest_fill(s.vcpu, s.slot, MIDDLE, PART, 2), "the guest cannot write into the hole");
	sptes_check(&s.vm, "guest writes into the hole", true);
	require(!fsync(s.file.fd), "fsync: %s", strerror(errno));
	disk_file_check_part(&s.file, "device", key(&s, 1), 0, MIDDLE);
	disk_file_check_part(&s.file, "device", key(&s, 2), MIDDLE, PART);
	for (page = MIDDLE + PART; page < PAGES; page++)
		expect(!disk_file_word(&s.file, page), "page %zu on the device is not of zeros", page);
}

/* A write that lands between the copy to the device and the end of the right to write is lost. */
static void while_written(void)
{
	uint64_t expected, word;
	struct stage s;
	int round, result;
	size_t page;

	set_up(&s);
	guest_spin_write_start(s.vcpu, s.slot, 0, PAGES, IDLE);
	for (round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		require(!msync(s.slot->hva, SIZE, MS_SYNC), "msync: %s", strerror(errno));
	}
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	expected = guest_spin_written(s.vcpu);
	require(!msync(s.slot->hva, SIZE, MS_SYNC), "msync: %s", strerror(errno));
	witness_step(&s.witness, "msync under a writing guest", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s.slot->hva, .pages = PAGES, .racing = true,
	});
	for (page = 0; page < PAGES; page++) {
		word = disk_file_word(&s.file, page);
		expect(word == expected, "page %zu on the device holds %#lx, the guest wrote %#lx last",
		       page, word, expected);
	}
}

const struct test test = {
	.name = "shared_file",
	.group = "dirty",
	.proves = "every byte that a guest writes to a shared file mapping reaches the device",
	.needs = { .kvm = true, .disk_file = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "zap", zap },
		{ "cleaned", cleaned },
		{ "cleaned-part", cleaned_part },
		{ "evicted", evicted },
		{ "dropped-dirty", dropped_dirty },
		{ "paged-out", paged_out },
		{ "migrated", migrated, { .nodes = 2 } },
		{ "truncated", truncated },
		{ "while-written", while_written, { .cpus = 2 } },
	},
};
