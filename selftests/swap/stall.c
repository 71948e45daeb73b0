// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU waits for a page that is on its way from a swap device that stands still. Others go on, in the
 * guest and in the host, which may even take the place of that page away: then the guest must not find
 * what was in it when the device goes on.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "lib/check.h"
#include "lib/dm.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/swap-cache.h"
#include "lib/swap-readahead.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/waiting.h"
#include "lib/witness.h"

#define PAGES 32
#define OUT 16		/* of them, from the first on, are swapped out */
#define WANTED 5	/* that the vCPU waits for */
#define SWAP_MIB 16
#define DEADLINE_S 10

static struct dm disk;
static struct vm vm;
static struct memslot *slot;
static struct witness witness;

/* A thread that has a vCPU read the first word of the wanted page. */
struct reader {
	struct vcpu *vcpu;
	pthread_t thread;
	uint64_t value;
	int err;
};

static void *reader_run(void *arg)
{
	struct reader *r = arg;

	r->err = guest_read(r->vcpu, slot, WANTED, &r->value);
	return NULL;
}

static void reader_start(struct reader *r, unsigned int vcpu)
{
	int err;

	*r = (struct reader){ .vcpu = &vm.vcpu[vcpu] };
	err = pthread_create(&r->thread, NULL, reader_run, r);
	require(!err, "no thread: %s", strerror(err));
}

static void reader_end(struct reader *r, const char *expected_name, uint64_t expected)
{
	pthread_join(r->thread, NULL);
	expect(!r->err && r->value == expected, "vCPU %u reads %#lx (%s), not %#lx (%s)", r->vcpu->index,
	       r->value, r->err ? "EFAULT" : "no error", expected, expected_name);
}

static uint64_t word(unsigned int version)
{
	return pattern_word(memory_key(slot->tag, version), WANTED, 0);
}

static void set_up(void)
{
	dm_create(&disk, SWAP_MIB);
	swap_on_device(disk.path, SWAP_MIB);
	swap_cache_prepare();
	swap_read_several();
	vm_create(&vm, 2);
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	swap_cache_allow(slot->hva, PAGES);
	witness_open(&witness, &vm);
	guest_fill(&vm.vcpu[0], slot, 0, PAGES, 1);
	witness_step(&witness, "guest writes", &(struct step){ .faulted = PAGES });
	swap_out_fully(slot->hva, OUT);
	/* swap_out_fully() asks for any page of the case: for these too, maybe */
	memory_check("host", slot->hva, memory_key(slot->tag, 1), OUT, PAGES - OUT);
	/* and written, as what was only read again would be mapped read-only */
	guest_fill(&vm.vcpu[0], slot, OUT, PAGES - OUT, 1);
	witness_step(&witness, "a part goes out", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = PAGES, .racing = true,
		.partial = true,
	});
	dm_stop(&disk);
}

static void set_up_waiting(struct reader *r)
{
	set_up();
	reader_start(r, 0);
	require(swap_wait_for_reader() && threads_wait(1, "D"), "the vCPU does not wait for the page");
}

/* What needs the address space for itself, as mmap() does, cannot wait for a device. */
static void *change_address_space(void *arg)
{
	(void)arg;
	memory_free(memory_alloc(1), 1);
	return NULL;
}

static void expect_address_space_free(void)
{
	struct timespec deadline;
	pthread_t thread;
	int err;

	err = pthread_create(&thread, NULL, change_address_space, NULL);
	require(!err, "no thread: %s", strerror(err));
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += DEADLINE_S * test_slowness();
	err = pthread_timedjoin_np(thread, NULL, &deadline);
	expect(!err, "mmap() waits for the swap device");
}

static void others_go_on(void)
{
	struct reader r;

	set_up_waiting(&r);
	expect_address_space_free();
	guest_check(&vm.vcpu[1], slot, OUT, PAGES - OUT, 1);
	guest_fill(&vm.vcpu[1], slot, OUT, PAGES - OUT, 2);
	guest_check(&vm.vcpu[1], slot, OUT, PAGES - OUT, 2);
	witness_step(&witness, "another vCPU goes on", &(struct step){ 0 });
	dm_go_on(&disk);
	reader_end(&r, "version 1", word(1));
	witness_step(&witness, "the page is there", &(struct step){ .faulted = 1 });
	guest_check(&vm.vcpu[0], slot, 0, OUT, 1);
	witness_step(&witness, "guest reads the rest", &(struct step){ .faulted = OUT - 1 });
}

static void dropped(void)
{
	struct reader r;

	set_up_waiting(&r);
	require(!madvise(slot_page(slot, WANTED), GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	witness_step(&witness, "the page is dropped on its way", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(slot, WANTED), .pages = 1,
	});
	dm_go_on(&disk);
	reader_end(&r, "what was dropped is zero", 0);
	witness_step(&witness, "the vCPU gets a page", &(struct step){ .faulted = 1 });
}

static void replaced(void)
{
	char *page;
	struct reader r;

	set_up_waiting(&r);
	page = slot_page(slot, WANTED);
	require(mmap(page, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0) == page, "mmap: %s", strerror(errno));
	memory_fill(slot->hva, memory_key(slot->tag, 2), WANTED, 1);
	witness_step(&witness, "another page takes its place", &(struct step){
		.event = NOTIFY_UNMAP, .hva = page, .pages = 1,
	});
	dm_go_on(&disk);
	reader_end(&r, "version 2", word(2));
	guest_check(&vm.vcpu[0], slot, WANTED, 1, 2);
	witness_step(&witness, "the vCPU gets a page", &(struct step){ .faulted = 1 });
}

/* Both fault; one of them maps the page, and the other finds that it is. */
static void two_wait(void)
{
	struct reader r[2];

	set_up();
	reader_start(&r[0], 0);
	reader_start(&r[1], 1);
	require(swap_wait_for_reader() && threads_wait(2, "D"), "the vCPUs do not wait for the page");
	dm_go_on(&disk);
	reader_end(&r[0], "version 1", word(1));
	reader_end(&r[1], "version 1", word(1));
	witness_step(&witness, "the page is there", &(struct step){ .racing = true });
	guest_check(&vm.vcpu[1], slot, 0, OUT, 1);
	witness_step(&witness, "guest reads the rest", &(struct step){ .faulted = OUT - 1 });
}

const struct test test = {
	.name = "stall",
	.group = "swap",
	.proves = "a page on its way from swap holds up nobody but who wants it, and may be taken away",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2, .files = { DM_CONTROL } },
	.modules = { "kvm_amd", "kvm_intel", "virtio_blk", "dm_mod" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "others-go-on", others_go_on },
		{ "dropped", dropped },
		{ "replaced", replaced },
		{ "two-wait", two_wait },
	},
};
