// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>
#include <sys/mman.h>

#include "host/die.h"
#include "host/klog.h"
#include "host/splat.h"

static int load(void **state)
{
	(void)state;
	splat_load_file(SOURCE_DIR "/host/splats");
	return 0;
}

static void time_stamps_and_callers_are_no_message(void **state)
{
	(void)state;
	assert_string_equal(klog_message("[   12.345678] BUG: x"), "BUG: x");
	assert_string_equal(klog_message("[    1.2][   T12] BUG: x"), "BUG: x");
	assert_string_equal(klog_message("[    1.2] [ T1234] BUG: x"), "BUG: x");
	assert_string_equal(klog_message("<4>[    1.2][    C1] BUG: x"), "BUG: x");
	assert_string_equal(klog_message("[ BUG: Invalid wait context ]"),
			    "[ BUG: Invalid wait context ]");
	assert_string_equal(klog_message("[   12.3] [#1] x"), "[#1] x");
	assert_string_equal(klog_message(""), "");
	assert_string_equal(klog_message("[ 12"), "[ 12");
}

static void splats_are_noticed(void **state)
{
	static const char *const lines[] = {
		"[    5.1] BUG: KASAN: slab-use-after-free in kvm_tdp_mmu_zap_leafs+0x1a/0x2b0 [kvm]",
		"[    5.1] BUG: kernel NULL pointer dereference, address: 0000000000000008",
		"[    5.1] BUG: unable to handle page fault for address: ffffc90000a3ffd8",
		"[    5.1] WARNING: CPU: 0 PID: 214 at arch/x86/kvm/mmu/tdp_mmu.c:60 kvm_mmu_uninit",
		"[    5.1] WARNING: mm/memory.c:1234 at zap_pte_range+0x12/0x900, CPU#1: munmap/214",
		"[    5.1] kernel BUG at mm/rmap.c:1301!",
		"[    5.1] Oops: general protection fault, probably for non-canonical address 0xdead",
		"[    5.1] general protection fault, probably for non-canonical address 0xdead00: 0000 [#1]",
		"[    5.1] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI",
		"[    5.1] Oops: 0002 [#1] PREEMPT SMP NOPTI",
		"[    5.1] list_add corruption. prev->next should be next (ffff), but was 0.",
		"[    5.1] list_del corruption, ffff8881->next is LIST_POISON1 (dead000000000100)",
		"[    5.1] refcount_t: underflow; use-after-free.",
		"[    5.1] UBSAN: array-index-out-of-bounds in mm/ksm.c:4:2",
		"[    5.1] BUG: KFENCE: use-after-free read in test+0x1/0x2",
		"[    5.1] BUG: Bad page state in process munmap  pfn:12345",
		"[    5.1] BUG: Bad page map in process munmap  pte:80000001 pmd:12345",
		"[    5.1] BUG: Bad rss-counter state mm:00000000c0ffee type:MM_ANONPAGES val:512",
		"[    5.1] mm/pgtable-generic.c:51: bad pmd ffff888012345678(8000000012345067)",
		"[    5.1] get_swap_device: Bad swap file entry 3ffffffffffff",
		"[    5.1] INFO: task kworker/0:1:10 blocked for more than 120 seconds.",
		"[    5.1] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [qemu:321]",
		"[    5.1] watchdog: Watchdog detected hard LOCKUP on cpu 1",
		"[    5.1] NMI watchdog: Watchdog detected hard LOCKUP on cpu 1",
		"[    5.1] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
		"[    5.1] rcu: INFO: rcu_sched self-detected stall on CPU",
		"[    5.1] WARNING: possible circular locking dependency detected",
		"[    5.1] WARNING: possible recursive locking detected",
		"[    5.1] WARNING: inconsistent lock state",
		"[    5.1] WARNING: suspicious RCU usage",
		"[    5.1] BUG: sleeping function called from invalid context at mm/memory.c:1",
		"[    5.1] BUG: scheduling while atomic: munmap/214/0x00000002",
		"[    5.1] [ BUG: Invalid wait context ]",
		"[    5.1] munmap: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL)",
		"[    5.1] munmap invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0",
		"[    5.1] Out of memory: Killed process 214 (munmap) total-vm:1kB",
		"[    5.1] Memory cgroup out of memory: Killed process 214 (munmap)",
		"[    5.1] unregister_netdevice: waiting for lo to become free. Usage count = 1",
		"[    5.1] Unable to handle kernel paging request at virtual address 00000008",
		"[    5.1] kvm: Invalid SPTE change: cannot replace a present leaf",
		"[    5.1] kvm: SPTE 800000012345a67 (@ 00000000abcd) for gfn 10 shadow-present at free",
		"[    5.1] kvm: kvm [321]: vcpu0, guest rIP: 0x10 svm: unexpected exit reason 0x7b",
		"[    5.1] Memory failure: 0x1234: failed to unmap page (folio mapcount=1)",
		"[    5.1] get_mmio_spte: reserved bits set on MMU-present spte, addr 0x1000",
		"[    5.1] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
		"[    5.1] ODEBUG: free active (active state 0) object: 0 object type: timer_list",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		if (!splat_match(lines[i]))
			fail_msg("not noticed: %s", lines[i]);
		assert_false(splat_is_panic(lines[i]));
	}
}

static void panics_are_the_last_word(void **state)
{
	(void)state;
	assert_true(splat_is_panic("[    5.1] Kernel panic - not syncing: sysrq triggered crash"));
	assert_non_null(splat_match("[    5.1] Kernel panic - not syncing: sysrq triggered crash"));
	assert_false(splat_is_panic("[    5.1] sysrq: Trigger a crash"));
}

static void ordinary_lines_are_not(void **state)
{
	static const char *const lines[] = {
		"",
		"[    0.000000] Linux version 6.12.9 (debian-kernel@lists.debian.org)",
		"[    0.0] Command line: panic=-1 oops=panic console=ttyS0",
		"[    0.0] kvm: Nested Virtualization enabled",
		"[    0.0] kvm_amd: TSC scaling supported",
		"[    0.0] SVM: kvm: Nested Paging enabled",
		"[    0.1] rcu: \tRCU restricting CPUs from NR_CPUS=8192 to nr_cpu_ids=2.",
		"[    0.1] rcu: srcu_init: Setting srcu_struct sizes based on contention.",
		"[    0.2] NMI watchdog: Perf NMI watchdog permanently disabled",
		"[    0.2] mce: CPU supports 10 MCE banks",
		"[    0.2] x86/mm: Checked W+X mappings: passed, no W+X pages found.",
		"[    0.3] Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on",
		"[    0.3] Unstable clock detected, switching default tracing clock to \"global\"",
		"[    0.4] random: crng init done",
		"[    1.0] Adding 262140k swap on /dev/zram0.  Priority:-2 extents:1",
		"[    1.0] sptest: begin zap/munmap",
		"[    1.0] sysrq: Show Blocked State",
		"[    1.1] clocksource: Long readout interval, skipping watchdog check",
		"[    1.1] debug: unmapping init [mem 0xffffffff82a0-0xffffffff82bf]",
		"[    1.1] ksm: debug bounds check",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (splat_match(lines[i]))
			fail_msg("%s: taken for \"%s\"", lines[i], splat_match(lines[i]));
}

static void assert_fingerprint(const char *log, const char *expected)
{
	char *text = splat_fingerprint(log);

	if (!expected)
		assert_null(text);
	else
		assert_string_equal(text, expected);
	free(text);
}

#define WARN(offset, pid) \
	"[    1.0] sptest: begin zap/munmap\n" \
	"[    5.1] WARNING: CPU: 0 PID: " pid " at mm/a.c:60 kvm_mmu_uninit" offset " [kvm]\n" \
	"[    5.1] Modules linked in: kvm_amd kvm\n" \
	"[    5.1] RIP: 0010:kvm_mmu_uninit" offset " [kvm]\n" \
	"[    5.1] Code: 48 8b\n" \
	"[    5.1] Call Trace:\n" \
	"[    5.1]  <TASK>\n" \
	"[    5.1]  ? __warn+0x80/0x130\n" \
	"[    5.1]  kvm_mmu_uninit" offset " [kvm]\n" \
	"[    5.1]  kvm_destroy_vm.isra.0+0x160/0x2b0 [kvm]\n" \
	"[    5.1]  ? kvm_vm_release+0x11/0x20 [kvm]\n" \
	"[    5.1]  __fput+0xe1/0x2a0\r\n" \
	"[    5.1]  task_work_run+0x5a/0x90\n" \
	"[    5.1]  do_exit+0x2f0/0xab0\n" \
	"[    5.1]  do_group_exit+0x2c/0x80\n" \
	"[    5.1] RIP: 0033:0x7f1a2b3c4d5e\n" \
	"[    5.1] ---[ end trace 0000000000000000 ]---\n"

static void same_bug_same_text(void **state)
{
	const char *expected =
		"kvm_mmu_uninit < kvm_destroy_vm < __fput < task_work_run < do_exit";

	(void)state;
	assert_fingerprint(WARN("+0x3c/0x40", "214"), expected);
	assert_fingerprint(WARN("+0x99/0xf0", "9"), expected);
}

static void reporters_do_not_count(void **state)
{
	(void)state;
	assert_fingerprint("[ 1.0] BUG: KASAN: slab-use-after-free in zap+0x1/0x2\n"
			   "[ 1.0] Call Trace:\n"
			   "[ 1.0]  <TASK>\n"
			   "[ 1.0]  dump_stack_lvl+0x5d/0x80\n"
			   "[ 1.0]  print_report+0x174/0x4f6\n"
			   "[ 1.0]  kasan_report+0xb9/0xf0\n"
			   "[ 1.0]  __asan_load8+0x1/0x2\n"
			   "[ 1.0]  zap+0x1/0x2 [kvm]\n"
			   "[ 1.0]  caller.constprop.0+0x1/0x2 [kvm]\n"
			   "[ 1.0]  </TASK>\n", "zap < caller");
}

static void arm64_trace(void **state)
{
	(void)state;
	assert_fingerprint("[ 1.0] Unable to handle kernel paging request at virtual address 8\n"
			   "[ 1.0] pc : unmap_stage2_range+0x4/0x80\n"
			   "[ 1.0] lr : kvm_unmap_gfn_range+0x20/0x40\n"
			   "[ 1.0] Call trace:\n"
			   "[ 1.0]  kvm_unmap_gfn_range+0x20/0x40\n",
			   "unmap_stage2_range < kvm_unmap_gfn_range");
}

static void a_line_without_trace_stands_for_itself(void **state)
{
	const char *expected = "BUG: Bad rss-counter state mm:N type:MM_ANONPAGES val:N";

	(void)state;
	assert_fingerprint("[ 1.0] hello\n[ 2.0] BUG: Bad rss-counter state mm:00000000c0ffee12 "
			   "type:MM_ANONPAGES val:512\n", expected);
	assert_fingerprint("[ 9.0] BUG: Bad rss-counter state mm:ffffabcd12345678 "
			   "type:MM_ANONPAGES val:1\n", expected);
}

static void a_clean_log_has_none(void **state)
{
	(void)state;
	assert_fingerprint("", NULL);
	assert_fingerprint("[ 1.0] hello\n[ 1.0] Call Trace:\n[ 1.0]  f+0x1/0x2\n", NULL);
}

static void write_and_load(const char *text)
{
	int fd = memfd_create("splats", 0);
	char path[32];

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(99);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	splat_load_file(path);
}

static void bad_lines_are_refused(void **state)
{
	(void)state;
	assert_int_equal(status_of(write_and_load, "splat\t^x\tgood\n# comment\n\n"), STATUS_OK);
	assert_int_equal(status_of(write_and_load, "splat\t(\tbad regex\n"), STATUS_USAGE);
	assert_int_equal(status_of(write_and_load, "splat\t^x\n"), STATUS_USAGE);
	assert_int_equal(status_of(write_and_load, "spat\t^x\treason\n"), STATUS_USAGE);
	assert_int_equal(status_of(splat_load_file, "/nonexistent"), STATUS_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_stamps_and_callers_are_no_message),
		cmocka_unit_test(splats_are_noticed),
		cmocka_unit_test(panics_are_the_last_word),
		cmocka_unit_test(ordinary_lines_are_not),
		cmocka_unit_test(same_bug_same_text),
		cmocka_unit_test(reporters_do_not_count),
		cmocka_unit_test(arm64_trace),
		cmocka_unit_test(a_line_without_trace_stands_for_itself),
		cmocka_unit_test(a_clean_log_has_none),
		cmocka_unit_test(bad_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
