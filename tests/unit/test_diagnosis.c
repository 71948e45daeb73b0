// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/diagnosis.h"
#include "host/path.h"

#define HEAD(name, pid, state) \
	"[  323.539957] task:" name "      state:" state " stack:14072 pid:" pid "    tgid:" pid "    ppid:2\n" \
	"[  323.540516] Call Trace:\n[  323.542957]  <TASK>\n"
#define TASK(name, pid, state, functions) \
	HEAD(name, pid, state) "[  323.543053]  __schedule+0x436/0x9b0\n[  323.543160]  schedule+0x27/0xa0\n" \
	"[  323.543412]  ? srso_return_thunk+0x5/0x5f\n" functions "[  323.543412]  </TASK>\n"
#define FUNCTION(name) "[  323.5]  " name "+0x1b3/0x200\n"

#define READER FUNCTION("rwsem_down_read_slowpath") FUNCTION("down_read") FUNCTION("rmap_walk_file") \
	FUNCTION("try_to_unmap")
#define WRITER FUNCTION("rwsem_down_write_slowpath") FUNCTION("down_write") \
	FUNCTION("unlink_file_vma_batch_final")
#define BLOCKED "[  323.1] sysrq: Show Blocked State\n"
#define ALL "[  323.6] sysrq: Show State\n"

/* The caller's to free. */
static char *page_of(const char *log)
{
	char *page = diagnosis_page(log);

	assert_non_null(page);
	return page;
}

static void has(const char *page, const char *text)
{
	if (!strstr(page, text))
		fail_msg("not in the page: %s\n%s", text, page);
}

static void has_not(const char *page, const char *text)
{
	if (strstr(page, text))
		fail_msg("in the page: %s\n%s", text, page);
}

/* Kernel 6.12 with rmap_walk_file() that releases as a writer, a guest on a memfd, memory short (2026). */
static void the_deadlock_of_2008_is_a_lock_without_an_owner(void **state)
{
	char *log = file_read(SOURCE_DIR "/tests/unit/recorded/i-mmap-deadlock.log", NULL), *page;

	(void)state;
	assert_non_null(log);
	page = page_of(log);
	has(page, "1 blocked: kswapd0:38\n  rwsem_down_read_slowpath < down_read < rmap_walk_file < try_to_unmap");
	has(page, "  waits for: i_mmap_rwsem of a file, for reading\n");
	has(page, "1 blocked: qemu-system-x86:44\n  rwsem_down_write_slowpath < down_write < unlink_file_vma");
	has(page, "  kswapd0:38 waits for i_mmap_rwsem of a file, for reading: nobody is seen to hold it\n");
	has(page, "A lock without an owner: i_mmap_rwsem of a file\n  3 wait for reading, 1 for writing, 0 for it alone;");
	has(page, "  A release of the wrong kind: reclaim takes i_mmap_rwsem for reading");
	has(page, "kswapd or kcompactd sleeps on a lock");
	has_not(page, "A circle");
	has_not(page, "init:1");
	free(page);
	free(log);
}

static void equal_stacks_come_together_most_first(void **state)
{
	char *page = page_of(BLOCKED TASK("qemu", "7", "D", WRITER) TASK("kswapd0", "8", "D", READER)
			     TASK("kcompactd0", "9", "D", READER));
	const char *both = strstr(page, "2 blocked: kswapd0:8, kcompactd0:9\n");

	(void)state;
	assert_non_null(both);
	assert_true(strstr(page, "1 blocked: qemu:7\n") > both);
	free(page);
}

#define GUESS(name) "[  323.5]  ? " name "+0x1b3/0x200 [kvm]\n"

/* The kernel does not unwind what another CPU runs: it lists what it finds on the stack. */
static void of_a_task_that_runs_the_remains_are_shown(void **state)
{
	char *page = page_of(ALL HEAD("vcpu", "7", "R") GUESS("kvm_mmu_page_fault") GUESS("kvm_vcpu_ioctl")
			     "[  323.5]  </TASK>\n" HEAD("other", "8", "R") GUESS("left_over") FUNCTION("called")
			     GUESS("more") "[  323.5]  </TASK>\n" TASK("asleep", "9", "D", WRITER));

	(void)state;
	has(page, "1 running or runnable: vcpu:7\n  found on its stack: kvm_mmu_page_fault < kvm_vcpu_ioctl\n");
	has(page, "1 running or runnable: other:8\n  called\n");
	has(page, "A vCPU is in a page fault and does not sleep");
	has_not(page, "srso_return_thunk");
	free(page);
}

/* Without all tasks nobody knows that nobody holds it. */
static void what_is_not_known_is_not_said(void **state)
{
	char *page = page_of(BLOCKED TASK("kswapd0", "8", "D", READER));

	(void)state;
	has(page, "kswapd0:8 waits for i_mmap_rwsem of a file, for reading\n");
	has_not(page, "without an owner");
	has_not(page, "nobody");
	has_not(page, "A release of the wrong kind");
	free(page);
}

static void a_holder_is_followed(void **state)
{
	char *page = page_of(ALL TASK("CPU 0/KVM", "5", "D", FUNCTION("throttle_direct_reclaim"))
			     TASK("kswapd0", "8", "D", READER)
			     TASK("fsync", "9", "D", FUNCTION("folio_wait_bit") FUNCTION("unmap_mapping_folio")));

	(void)state;
	has(page, "  CPU 0/KVM:5 waits for kswapd: kswapd0:8, which waits for i_mmap_rwsem of a file, for reading: fsync:9\n");
	has_not(page, "without an owner");
	has_not(page, "A circle");
	free(page);
}

static void a_circle_is_told(void **state)
{
	char *page = page_of(ALL TASK("a", "1", "D", FUNCTION("down_write") FUNCTION("vma_link")
				  FUNCTION("do_madvise"))
			     TASK("c", "3", "S", FUNCTION("do_poll"))
			     TASK("b", "2", "D", FUNCTION("down_read") FUNCTION("mmap_read_lock")
				  FUNCTION("rmap_walk_file")));

	(void)state;
	has(page, "A circle: these tasks wait for each other");
	has(page, "Two orders of the same locks");
	has(page, "  a:1 waits for i_mmap_rwsem of a file, for writing: b:2, which waits for mmap_lock of a process, "
		  "for reading: a:1\n");
	has_not(page, "without an owner");
	has_not(page, "nobody");
	free(page);
}

static void the_kernels_own_words_on_owners_are_there(void **state)
{
	char *page = page_of("[  240.1] INFO: task qemu:7 blocked on an rw-semaphore, but the owner is not found.\n"
			     BLOCKED TASK("qemu", "7", "D", WRITER)
			     "[  324.0] Showing all locks held in the system:\n[  324.0] 1 lock held by init/1:\n"
			     "[  324.0]  #0: ffff88 (rcu_read_lock){....}-{1:2}, at: debug_show_all_locks+0x0/0x1\n"
			     "[  324.0] =====\n[  324.0]  #1: something else\n");

	(void)state;
	has(page, "  INFO: task qemu:7 blocked on an rw-semaphore, but the owner is not found.\n");
	has(page, "  1 lock held by init/1:\n   #0: ffff88 (rcu_read_lock)");
	has_not(page, "something else");
	free(page);
}

/* A rule each, as it shows. */
static void rules_are_known_by_their_stacks(void **state)
{
	static const struct {
		const char *log, *text;
	} shows[] = {
		{ BLOCKED TASK("kswapd0", "8", "D", FUNCTION("msleep") FUNCTION("kvm_mmu_notifier_invalidate_range_start")
			       FUNCTION("__mmu_notifier_invalidate_range_start") FUNCTION("try_to_unmap_one")
			       FUNCTION("shrink_folio_list")), "A notifier sleeps in reclaim" },
		{ BLOCKED TASK("a", "8", "D", FUNCTION("shrink_folio_list") FUNCTION("try_to_free_pages")
			       FUNCTION("kvm_mmu_notifier_invalidate_range_start") FUNCTION("zap_page_range")),
		  "A notifier allocates memory" },
		{ BLOCKED TASK("a", "8", "D", FUNCTION("rwsem_down_read_slowpath") FUNCTION("down_read")
			       FUNCTION("mmu_interval_invalidate") FUNCTION("zap_page_range")),
		  "A notifier takes for reading" },
		{ BLOCKED TASK("a", "8", "D", FUNCTION("__synchronize_srcu") FUNCTION("mmu_notifier_unregister")),
		  "A release or an unregister waits" },
		{ ALL TASK("a", "8", "D", FUNCTION("io_wait")) TASK("vcpu", "9", "R", FUNCTION("kvm_faultin_pfn")),
		  "A vCPU is in a page fault" },
		{ ALL TASK("a", "8", "D", FUNCTION("io_wait")) TASK("vcpu", "9", "R", FUNCTION("hva_to_pfn_retry")),
		  "A cached page of KVM's" },
		{ BLOCKED TASK("a", "8", "D", FUNCTION("io_wait")), "none that is known" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		char *page = page_of(shows[i].log), *rules = strstr(page, "Rules that this breaks\n  ");

		assert_non_null(rules);
		has(rules, shows[i].text);
		free(page);
	}
}

static void the_first_answer_counts(void **state)
{
	char *page = page_of(BLOCKED TASK("first", "5", "D", READER) "[  324.0] sysrq: Show Memory\n"
			     TASK("other", "7", "D", READER) BLOCKED TASK("later", "6", "D", WRITER));

	(void)state;
	has(page, "1 blocked: first:5\n");
	has_not(page, "later");
	has_not(page, "other");
	free(page);
}

static void one_that_was_cut_is_read_to_its_end(void **state)
{
	char *page = page_of(BLOCKED HEAD("cut", "8", "D") FUNCTION("down_read") "[  324.1]  rmap_wal");

	(void)state;
	has(page, "1 blocked: cut:8\n  down_read\n");
	free(page);
}

/* A livelock: nobody is blocked. */
static void tasks_that_only_run_have_a_page_too(void **state)
{
	char *page = page_of(ALL TASK("sleeps", "8", "S", READER) TASK("vcpu", "9", "R", FUNCTION("kvm_faultin_pfn")));

	(void)state;
	has(page, "1 running or runnable: vcpu:9\n  kvm_faultin_pfn\n");
	has_not(page, "sleeps");
	has_not(page, "Who waits");
	free(page);
}

/* 5.10 pads the numbers. */
static void an_older_kernels_lines_are_read(void **state)
{
	char *page = page_of(BLOCKED "[  1.0] task:kswapd0         state:D stack:    0 pid:   38 ppid:     2 flags:0x4000\n"
			     "[  1.0] Call Trace:\n" FUNCTION("rmap_walk_file"));

	(void)state;
	has(page, "1 blocked: kswapd0:38\n  rmap_walk_file\n");
	free(page);
}

static void without_an_answer_or_a_task_at_work_there_is_no_page(void **state)
{
	(void)state;
	assert_null(diagnosis_page(""));
	assert_null(diagnosis_page(TASK("kswapd0", "8", "D", READER)));
	assert_null(diagnosis_page(BLOCKED "[    1.5] usb: something+0x5/0x6 else\n"));
	assert_null(diagnosis_page(ALL TASK("sleeps", "8", "S", READER)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_deadlock_of_2008_is_a_lock_without_an_owner),
		cmocka_unit_test(equal_stacks_come_together_most_first),
		cmocka_unit_test(of_a_task_that_runs_the_remains_are_shown),
		cmocka_unit_test(what_is_not_known_is_not_said),
		cmocka_unit_test(a_holder_is_followed),
		cmocka_unit_test(a_circle_is_told),
		cmocka_unit_test(the_kernels_own_words_on_owners_are_there),
		cmocka_unit_test(rules_are_known_by_their_stacks),
		cmocka_unit_test(the_first_answer_counts),
		cmocka_unit_test(one_that_was_cut_is_read_to_its_end),
		cmocka_unit_test(tasks_that_only_run_have_a_page_too),
		cmocka_unit_test(an_older_kernels_lines_are_read),
		cmocka_unit_test(without_an_answer_or_a_task_at_work_there_is_no_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
