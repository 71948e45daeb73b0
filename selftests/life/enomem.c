// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out in the middle of what invalidates guest memory, or of making a VM. The system call
 * fails, but what was started is ended, nothing is lost, and the guest goes on; with memory the same
 * call succeeds.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/census.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/shortage.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

/*
 * A page in every 2 MiB, so that each needs a page table of its own wherever it shall go; the guest has
 * one in four, as a KVM that drops whole page tables with their last spte (5.10) makes room so.
 */
#define REGION 512
#define SPOTS 128
#define STRIDE (4 * REGION)
#define PAGES (SPOTS * STRIDE)
#define LEFT (SPOTS * GUEST_PAGE)	/* a quarter of what these page tables take */

#define VM_STEP (4 * GUEST_PAGE)
#define VM_MOST (8UL << 20)

static struct vm vm;
static struct memslot *slot;
static struct witness witness;

static void fill(unsigned int version)
{
	for (size_t i = 0; i < SPOTS; i++)
		guest_fill(&vm.vcpu[0], slot, i * STRIDE, 1, version);
}

static void check(unsigned int version)
{
	for (size_t i = 0; i < SPOTS; i++) {
		guest_check(&vm.vcpu[0], slot, i * STRIDE, 1, version);
		memory_check("host", slot->hva, memory_key(slot->tag, version), i * STRIDE, 1);
	}
}

/* fork(), the child ends at once. 0 or -errno. */
static int try_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid < 0)
		return -errno;
	return waitpid(pid, NULL, 0) == pid ? 0 : -errno;
}

/* `once`: what will fail later, so that it touches all that it needs; while there is little to free. */
static void set_up(int (*once)(void))
{
	int err;

	shortage_prepare();
	err = once();
	require(!err, "with memory: %s", strerror(-err));
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	for (size_t i = 0; i < PAGES; i += REGION)
		*(char *)slot_page(slot, i) = 1;
	witness_open(&witness, &vm);
	fill(1);
	witness_step(&witness, "guest writes", &(struct step){ .faulted = SPOTS });
	/* A page that waits in a batch has a reference more, and is copied when it is written. */
	lru_drain();
}

static void expect_enomem(const char *what, int err)
{
	expect(err == -ENOMEM, "%s without memory: %s, expected %s", what,
	       err < 0 ? strerror(-err) : "it succeeds", strerror(ENOMEM));
}

static void fork_whole(const char *what)
{
	int err = try_fork();

	require(!err, "%s: %s", what, strerror(-err));
	witness_step(&witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = slot->hva, .pages = PAGES,
		.zapped = SPOTS,
	});
}

/* Kernels before 5.18 copy a page that somebody has another reference to, even if it is mapped once. */
static void write_again(unsigned int version)
{
	fill(version);
	witness_step(&witness, "guest writes again", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = PAGES, .partial = true, .faulted = SPOTS,
	});
	check(version);
	sptes_expect(slot, 0, 1, SPTES_WRITABLE, "guest writes again");
	witness_step(&witness, "all read", &(struct step){ 0 });
}

/* copy_page_range() in mm/memory.c, which once returned without an end. */
static void in_fork(void)
{
	int err;

	set_up(try_fork);
	shortage_begin(LEFT);
	err = try_fork();
	shortage_end();
	expect_enomem("fork", err);
	witness_step(&witness, "fork without memory", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = slot->hva, .pages = PAGES, .zapped = SPOTS,
	});
	write_again(2);
	lru_drain();
	fork_whole("fork with memory");
	write_again(3);
}

/* To where no page table can be moved as a whole: 4 KiB beside a 2 MiB boundary. */
static int move(char *from, char *to, size_t pages)
{
	return mremap(from, pages * GUEST_PAGE, pages * GUEST_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) ==
	       to ? 0 : -errno;
}

static int move_a_page(void)
{
	char *from = memory_alloc(1), *to = memory_alloc(1);

	*from = 1;
	return move(from, to, 1);
}

static void move_and_back(char *to, const char *what)
{
	require(!move(slot->hva, to, PAGES), "%s: %s", what, strerror(errno));
	witness_step(&witness, what, &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot->hva, .pages = PAGES, .zapped = SPOTS,
	});
	require(!move(to, slot->hva, PAGES), "mremap back: %s", strerror(errno));
	check(1);
	witness_step(&witness, "back again", &(struct step){ .faulted = SPOTS });
}

/* move_page_tables() in mm/mremap.c: half of the pages have moved, and come back. */
static void in_mremap(void)
{
	char *to;
	int err;

	set_up(move_a_page);
	to = (char *)memory_alloc(PAGES + REGION) + GUEST_PAGE;
	shortage_begin(LEFT);
	err = move(slot->hva, to, PAGES);
	shortage_end();
	expect_enomem("mremap", err);
	witness_step(&witness, "mremap without memory", &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot->hva, .pages = PAGES, .zapped = SPOTS,
	});
	check(1);
	witness_step(&witness, "guest reads all", &(struct step){ .faulted = SPOTS });
	move_and_back(to, "mremap with memory");
}

/* Each time it gets a little further. */
static void in_create_vm(void)
{
	struct census before;
	size_t left, failures = 0;
	int kvm, fd, err;

	shortage_prepare();
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	fd = ioctl(kvm, KVM_CREATE_VM, 0);
	require(fd >= 0, "KVM_CREATE_VM: %s", strerror(errno));
	close(fd);
	census_take(&before);
	for (left = 0; left < VM_MOST; left += VM_STEP) {
		shortage_begin(left);
		fd = ioctl(kvm, KVM_CREATE_VM, 0);
		err = errno;
		shortage_end();
		if (fd >= 0)
			break;
		failures++;
		expect_enomem("KVM_CREATE_VM", -err);
		census_expect_same(&before, "KVM_CREATE_VM without memory");
	}
	require(fd >= 0, "KVM_CREATE_VM did not succeed with %lu KiB", VM_MOST / 1024);
	expect(failures, "KVM_CREATE_VM needs no memory");
	close(fd);
	census_expect_same(&before, "the VM is closed");
	vm_create(&vm, 1);
	vm_destroy(&vm);
}

/* What frees memory must not need any. */
static void in_close(void)
{
	struct census before;

	shortage_prepare();
	vm_create(&vm, 1);
	vm_destroy(&vm);
	census_take(&before);
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	fill(1);
	shortage_begin(0);
	vm_destroy(&vm);
	shortage_end();
	census_expect_same(&before, "the VM is closed");
	for (size_t i = 0; i < SPOTS; i++)
		memory_check("host", slot->hva, memory_key(slot->tag, 1), i * STRIDE, 1);
}

const struct test test = {
	.name = "enomem",
	.group = "life",
	.proves = "what fails for want of memory ends what it started, and the guest goes on",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.expected = { SHORTAGE_MESSAGES },
	.cases = {
		{ "fork", in_fork },
		{ "mremap", in_mremap },
		{ "create-vm", in_create_vm },
		{ "close", in_close },
	},
};
