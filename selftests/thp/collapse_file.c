// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's memory is a private mapping of a file on a disk, which the kernel makes a huge page of: all sptes of the
 * range go before a page is copied, and one read-only spte takes their place. It goes with whatever the host
 * does next to that page. Older kernels do this for files that nobody may write (CONFIG_READ_ONLY_THP_FOR_FS),
 * newer ones, 7.3 among them, for all files of file systems that have large folios.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/collapse.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define HUGE THP_PAGES		/* the second of two, and how many pages it has */
#define PAGES (2 * HUGE)
#define PART (HUGE + 200)	/* of it: windows of kvm_probe_prefetch() */
#define COUNT 16UL
#define BEHIND (PART + COUNT)
#define TAG 1		/* of the file's pages */
#define UNMAPPED "try_to_unmap_one"	/* before it is copied (collapse_file()) */

static struct stage s;
static struct disk_file file;
static char name[64];		/* of it, for who opens it again */

/* Whoever may write the file keeps older kernels from making huge pages of it (inode_is_open_for_write()). */
static void close_for_writing(void)
{
	char read_only[64];
	int fd;

	snprintf(read_only, sizeof(read_only), "/proc/self/fd/%d", file.fd);
	fd = open(read_only, O_RDONLY | O_CLOEXEC);
	require(fd >= 0, "open: %s", strerror(errno));
	close(file.fd);
	file.fd = fd;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
}

static int open_for_writing(void)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);

	require(fd >= 0, "open for writing: %s", strerror(errno));
	return fd;
}

static void write_file(void)
{
	int fd = open_for_writing();
	void *memory = memory_map_file(fd, PAGES);

	memory_fill(memory, memory_key(TAG, 1), 0, PAGES);
	memory_free(memory, PAGES);
	require(!fsync(fd), "fsync: %s", strerror(errno));
	close(fd);
}

/* Asked of a mapping before the file is written, which takes longer. */
static void skip_unless_eligible(void)
{
	void *memory = memory_map_private(file.fd, PAGES);

	collapse_allow(memory, PAGES);
	if (!thp_eligible(memory))
		skip_case("the kernel makes no huge pages of this file system's files");
	memory_free(memory, PAGES);
}

/* The guest reads version 1, all of it by small pages. */
static void set_up(void)
{
	collapse_prepare();
	disk_file_create(&file, PAGES);
	close_for_writing();
	skip_unless_eligible();
	write_file();
	stage_make(&s, memory_map_private(file.fd, PAGES), PAGES);
	s.slot->tag = TAG;
	collapse_allow(slot_page(s.slot, HUGE), HUGE);
	witness_open(&s.witness, &s.vm);
	stage_read(&s, "guest reads the file", 0, PAGES, 1, PAGES);
	sptes_expect_level(s.slot, 0, PAGES, 1, "guest reads the file");
}

/* `by` is the function of the kernel that tells KVM; NULL: any. */
static void expect_second_gone(const char *what, const char *by)
{
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .by = by, .hva = slot_page(s.slot, HUGE), .pages = HUGE, .zapped = HUGE,
	});
	sptes_expect(s.slot, HUGE, HUGE, SPTES_NONE, what);
}

/* One fault maps all of the huge page; its neighbours have what they had. */
static void guest_reads_huge(void)
{
	stage_read(&s, "guest reads beside it", 0, HUGE, 1, 0);
	s.witness.granule = HUGE;
	stage_read(&s, "guest reads the huge page", HUGE, HUGE, 1, HUGE);
	s.witness.granule = 1;
	sptes_expect_level(s.slot, 0, HUGE, 1, "before the huge page");
	sptes_expect_level(s.slot, HUGE, HUGE, 2, "the huge page");
	sptes_expect(s.slot, HUGE, HUGE, SPTES_READ_ONLY, "the huge page");
	expect(thp_count(slot_page(s.slot, HUGE)) == HUGE, "the host has no huge page mapped there");
}

static void collapse(void)
{
	set_up();
	collapse_now(slot_page(s.slot, HUGE), HUGE);
	expect_second_gone("MADV_COLLAPSE", UNMAPPED);
	guest_reads_huge();
}

static void by_khugepaged(void)
{
	set_up();
	khugepaged_scan();
	expect_second_gone("khugepaged", UNMAPPED);
	guest_reads_huge();
}

/* What the guest writes is its own: a small page, and the huge one is split for it. */
static void written(void)
{
	const char *what = "guest writes a part of the huge page";

	collapse();
	require(!guest_fill(s.vcpu, s.slot, PART, COUNT, 2), "the guest cannot write");
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, HUGE), .pages = HUGE, .zapped = HUGE,
		.faulted = COUNT,
	});
	sptes_expect_level(s.slot, PART, COUNT, 1, what);
	sptes_expect(s.slot, PART, COUNT, SPTES_WRITABLE, what);
	stage_read(&s, "guest reads before it", HUGE, PART - HUGE, 1, PART - HUGE);
	stage_read(&s, "guest reads behind it", BEHIND, PAGES - BEHIND, 1, PAGES - BEHIND);
	stage_read(&s, "guest reads what it wrote", PART, COUNT, 2, 0);
	sptes_expect_level(s.slot, 0, PAGES, 1, "guest reads all");
	disk_file_check(&file, "disk", memory_key(TAG, 1));
}

/*
 * Who opens the file to write where huge pages cannot be written has all of it dropped from the page cache
 * (do_dentry_open()), which the host's own mapping tells.
 */
static void expect_opened(void)
{
	const char *what = "the file is opened for writing";
	const bool dropped = !thp_count(slot_page(s.slot, HUGE));

	if (!dropped) {
		witness_step(&s.witness, what, &(struct step){ 0 });
		return stage_read(&s, "guest reads the file", 0, PAGES, 1, 0);
	}
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	sptes_expect(s.slot, 0, PAGES, SPTES_NONE, what);
	stage_read(&s, "guest reads the file", 0, PAGES, 1, PAGES);
	sptes_expect_level(s.slot, 0, PAGES, 1, "guest reads the file");
}

/* The guest reads the page cache: what is written to the file, without a fault. */
static void opened(void)
{
	char *part = memory_alloc(PAGES);
	int fd;

	collapse();
	fd = open_for_writing();
	expect_opened();
	memory_fill(part, memory_key(TAG, 2), PART, COUNT);
	require(pwrite(fd, part + PART * GUEST_PAGE, COUNT * GUEST_PAGE, PART * GUEST_PAGE) ==
		COUNT * GUEST_PAGE, "write of the file: %s", strerror(errno));
	witness_step(&s.witness, "the file is written", &(struct step){ 0 });
	stage_read(&s, "guest reads what is written", PART, COUNT, 2, 0);
	stage_read_others(&s, PART, COUNT);
	require(!fsync(fd), "fsync: %s", strerror(errno));
	disk_file_check_part(&file, "disk", memory_key(TAG, 2), PART, COUNT);
	close(fd);
}

/* truncate() opens nothing; the huge page that it cuts is split. */
static void truncated(void)
{
	collapse();
	require(!truncate(name, PART * GUEST_PAGE), "truncate: %s", strerror(errno));
	expect_second_gone("truncate", NULL);
	stage_read(&s, "guest reads beside it", 0, HUGE, 1, 0);
	stage_read(&s, "guest reads what is left", HUGE, PART - HUGE, 1, PART - HUGE);
	sptes_expect_level(s.slot, HUGE, PART - HUGE, 1, "guest reads what is left");
	stage_expect_gone(&s, PART, PAGES - PART);
}

const struct test test = {
	.name = "collapse_file",
	.group = "thp",
	.proves = "a collapse of a file's pages takes their sptes, and its huge spte follows the file",
	.needs = {
		.kvm = true, .disk_file = true, .memory_mib = 64, .files = { THP_KNOBS "khugepaged/full_scans" },
	},
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "khugepaged", by_khugepaged },
		{ "written", written, .full = "splits as thp/split does, copies as cow/private-file does" },
		{ "opened", opened },
		{ "truncated", truncated, .full = "zaps and splits as thp/split does of shared memory" },
	},
};
