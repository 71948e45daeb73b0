// SPDX-License-Identifier: GPL-2.0-only
/*
 * One allocation after the other fails while a VM is made: in a process whose guest goes on beside it, and in one
 * that has none yet, where the mm gets its first notifier. Nothing is left of what was not made.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/census.h"
#include "lib/check.h"
#include "lib/failing-act.h"
#include "lib/fault-injection.h"
#include "lib/guest.h"
#include "lib/kvm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/process.h"
#include "lib/stage.h"
#include "lib/test.h"

#define PAGES 8
#define ATTEMPTS_MAX 1000
#define DEADLINE_S 10
#define MANY "more than a hundred allocations"

static struct census before;
static int kvm;

static void open_kvm(void)
{
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
}

/* 0 or -errno; what was made is closed again. */
static int create(unsigned int version)
{
	int fd = ioctl(kvm, KVM_CREATE_VM, 0);

	(void)version;
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void check_census(unsigned int version)
{
	(void)version;
	census_expect_same(&before, "KVM_CREATE_VM");
}

static void beside_a_guest(void)
{
	struct stage s;

	open_kvm();
	stage_set(&s, PAGES);
	census_take(&before);
	failing_act_try(&s, &(struct failing_act){
		.what = "KVM_CREATE_VM", .run = create, .undo = check_census,
	});
}

/* Of the process that has no VM yet. */
static struct {
	unsigned int n;
	bool failed;
} *attempt;

/* A VM can be made in it, and is told of what the process does. */
static void use_vm(void)
{
	struct memslot *slot;
	uint64_t value = 1;
	struct vm vm;

	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	require(!guest_fill(&vm.vcpu[0], slot, 0, PAGES, 1), "the guest cannot write");
	guest_check(&vm.vcpu[0], slot, 0, PAGES, 1);
	require(!madvise(slot->hva, PAGES * GUEST_PAGE, MADV_DONTNEED), "madvise: %s", strerror(errno));
	require(!guest_read(&vm.vcpu[0], slot, 0, &value), "the guest cannot read");
	require(!value, "the guest reads %#lx of a page that was dropped", value);
	vm_destroy(&vm);
}

static void create_first(void)
{
	int err;

	open_kvm();
	fault_injection_arm(0, attempt->n);
	err = create(0);
	attempt->failed = fault_injection_disarm();
	require(!err || (attempt->failed && err == -ENOMEM), "KVM_CREATE_VM, allocation %u fails: %s",
		attempt->n, strerror(-err));
	use_vm();
}

static void first_of_a_process(void)
{
	struct process process;
	int status;

	attempt = mmap(NULL, sizeof(*attempt), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	require(attempt != MAP_FAILED, "mmap: %s", strerror(errno));
	fault_injection_prepare();
	census_take(&before);
	do {
		attempt->n++;
		process = process_start(create_first);
		status = process_wait(&process, DEADLINE_S);
		require(!status, "allocation %u fails: the process ends with status %d", attempt->n, status);
		census_expect_same(&before, "the process is gone");
		require(!check_failed(), "no further attempt");
	} while (attempt->failed && attempt->n <= ATTEMPTS_MAX);
	expect(!attempt->failed, "KVM_CREATE_VM does not succeed with %d allocations", ATTEMPTS_MAX);
	expect(attempt->n > 2, "KVM_CREATE_VM allocates nothing");
	diag("KVM_CREATE_VM: %u allocations failed, one at a time", attempt->n - 1);
}

const struct test test = {
	.name = "enomem-create",
	.group = "life",
	.proves = "an allocation that fails while a VM is made leaves nothing of it, and its neighbour goes on",
	.needs = { .kvm = true, .memory_mib = 32, .files = { FAULT_INJECTION_FILES } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_INJECTED,
	.timeout_s = 60,
	.full = MANY,
	.expected = { "vmalloc error: size " },
	.cases = {
		{ "beside-a-guest", beside_a_guest },
		{ "first-of-a-process", first_of_a_process },
	},
};
