// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/exit.h"
#include "lib/guest.h"
#include "lib/kvm-probe.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/process.h"
#include "lib/sysfile.h"

#define PAGES 8
#define DEADLINE_S 10

struct probe_result {
	bool prefetch;
	char why[200];
};

static struct probe_result *result;

static void run_guest(void)
{
	struct memslot *slot, *hole;
	uint64_t before = 0, after = 0, value;
	char *memory, *unmapped;
	struct vm vm;

	vm_create(&vm, 1);
	memory = memory_alloc(PAGES);
	memory_fill(memory, memory_key(1, 1), 0, PAGES);
	slot = vm_add_memslot(&vm, memory, PAGES);
	unmapped = memory_alloc(PAGES);
	hole = vm_add_memslot(&vm, unmapped, PAGES);

	vm_stat(&vm, "pages_4k", &before);
	require(!guest_write(&vm.vcpu[0], slot, 0, 1), "the test guest cannot write");
	require(*(volatile uint64_t *)memory == 1, "what the guest writes is not in its memory");
	vm_stat(&vm, "pages_4k", &after);
	result->prefetch = after > before + 1;

	/*
	 * Unmapped before the guest's first touch: whether an spte outlives its page is for the tests to
	 * find out. A KVM that lets that happen is no reason to skip them.
	 */
	munmap(unmapped, PAGES * GUEST_PAGE);
	require(guest_read(&vm.vcpu[0], hole, 0, &value) != -EREMOTE,
		"this KVM answers unmapped memory with an MMIO exit, not with EFAULT (a paravirtual KVM)");
}

static int held_vm = -1;

/*
 * The first VM of a machine and the end of the last one patch the scheduler (preempt_notifier_key).
 * Holding an empty VM until the test ends does that once instead of in each case.
 */
static void hold_vm(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0)
		return;
	held_vm = ioctl(kvm, KVM_CREATE_VM, 0);
	close(kvm);
}

void kvm_probe_release(void)
{
	if (held_vm >= 0)
		close(held_vm);
	held_vm = -1;
}

const char *kvm_probe(void)
{
	struct process child;
	int status;

	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		return "no memory to probe /dev/kvm";
	hold_vm();
	check_begin();
	check_quiet(true);
	child = process_start(run_guest);
	status = process_wait(&child, DEADLINE_S);
	check_quiet(false);
	if (status == -ETIMEDOUT) {
		process_reap(&child);
		snprintf(result->why, sizeof(result->why), "KVM_RUN of the test guest does not end");
	} else if (status) {
		snprintf(result->why, sizeof(result->why), "%s",
			 check_first_failure() ? check_first_failure() : "the test guest does not run");
	}
	return result->why[0] ? result->why : NULL;
}

bool kvm_probe_prefetch(void)
{
	return result && result->prefetch;
}

bool kvm_shadows(void)
{
	char text[8];

	return (sysfile_read("/sys/module/kvm_amd/parameters/npt", text, sizeof(text)) > 0 ||
		sysfile_read("/sys/module/kvm_intel/parameters/ept", text, sizeof(text)) > 0) &&
	       (text[0] == 'N' || text[0] == '0');
}

bool kvm_uses_tdp_mmu(void)
{
	char text[8];

	return !kvm_shadows() && sysfile_read("/sys/module/kvm/parameters/tdp_mmu", text, sizeof(text)) > 0 &&
	       *text == 'Y';
}
