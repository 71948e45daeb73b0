// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two vCPUs read the same pages and never leave guest mode of their own will, while the host puts
 * others in their place. Once the host has published that, neither may read an old one: KVM has to
 * make them drop what they have in their TLBs, and to count that it did.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/process.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/x86/nested.h"

#define PAGES 32
#define ROUNDS 2
#define ROUNDS_MAX 20	/* until a vCPU was found in the guest, which then has to flush its TLB */
#define SWAP_MIB 16
#define DEADLINE_S 10

/* One reads in the guest; so does the other one, or in a nested guest. */
struct stage {
	struct nested n;
	const struct memslot *seen[2];
	int fd;
};

/*
 * Takes the pages from under the readers, and leaves memory of the same size there. What the owner
 * writes to it goes to another page than the readers had.
 */
struct act {
	const char *name;
	void (*take)(struct stage *s);
	enum notify event, also;
	void (*prepare)(struct stage *s);
	void (*finish)(void);	/* when both have read what the owner wrote */
	bool memfd;
	bool away;		/* the host takes no page that is looked at meanwhile */
};

static void *alloc(struct stage *s, const struct act *act)
{
	if (!act->memfd)
		return memory_alloc(PAGES);
	s->fd = memfd_create("sptest", MFD_CLOEXEC);
	require(s->fd >= 0 && !ftruncate(s->fd, PAGES * GUEST_PAGE), "memfd: %s", strerror(errno));
	return memory_map_file(s->fd, PAGES);
}

static void set_up(struct stage *s, const struct act *act, bool nested)
{
	void *memory = alloc(s, act);

	if (act->prepare)
		act->prepare(s);
	nested_set_up_pair(&s->n, nested, memory, PAGES);
	s->seen[0] = s->n.slot;
	s->seen[1] = &s->n.view;
}

static void write_epoch(struct stage *s, uint64_t epoch)
{
	for (size_t i = 0; i < PAGES; i++)
		*(volatile uint64_t *)slot_page(s->n.slot, i) = epoch;
}

/* 0: whatever they read is right. */
static void publish(struct stage *s, uint64_t epoch)
{
	for (unsigned int i = 0; i < 2; i++)
		guest_spin_epoch(&s->n.vm.vcpu[i], epoch);
}

static void wait_for_both(struct stage *s, uint64_t epoch)
{
	for (unsigned int i = 0; i < 2; i++)
		require(guest_spin_wait(&s->n.vm.vcpu[i]), "vCPU %u stands still at epoch %lu", i, epoch);
}

static void take_once(struct stage *s, const struct act *act, uint64_t epoch)
{
	uint64_t before = 0, after = 0;
	bool counted;

	wait_for_both(s, epoch);
	publish(s, act->away ? GUEST_EPOCH_AWAY : 0);
	wait_for_both(s, epoch);	/* neither may still compare with the last epoch */
	counted = vm_stat(&s->n.vm, "remote_tlb_flush_requests", &before);
	act->take(s);
	if (counted && vm_stat(&s->n.vm, "remote_tlb_flush_requests", &after))
		expect(after > before, "%s of epoch %lu: no vCPU was asked to flush its TLB", act->name, epoch);
	write_epoch(s, epoch);
	publish(s, epoch);
	if (act->finish) {
		wait_for_both(s, epoch);
		act->finish();
	}
}

static void stop_both(struct stage *s)
{
	for (unsigned int i = 0; i < 2; i++) {
		int result;
		size_t stale = guest_spin_stop(&s->n.vm.vcpu[i], &result);

		expect(!result, "vCPU %u faulted out of memory that was there all the time (%d)", i, result);
		expect(!stale, "vCPU %u read %zu words of pages that were taken before", i, stale);
	}
}

/* True also where KVM does not count. */
static bool flushed_since(struct stage *s, uint64_t before)
{
	uint64_t now;

	return !vm_stat(&s->n.vm, "remote_tlb_flush", &now) || now > before;
}

static void run(const struct act *act, bool nested)
{
	uint64_t before = 0, epoch;
	struct stage s = { .fd = -1 };

	set_up(&s, act, nested);
	write_epoch(&s, 1);
	for (unsigned int i = 0; i < 2; i++)
		guest_spin_start(&s.n.vm.vcpu[i], s.seen[i], 0, PAGES, 1);
	vm_stat(&s.n.vm, "remote_tlb_flush", &before);
	for (epoch = 2; epoch < 2 + ROUNDS || (epoch < 2 + ROUNDS_MAX && !flushed_since(&s, before)); epoch++)
		take_once(&s, act, epoch);
	wait_for_both(&s, epoch);
	stop_both(&s);
	expect(flushed_since(&s, before), "%s: no vCPU was made to flush its TLB", act->name);
	witness_step(&s.n.witness, act->name, &(struct step){
		.event = act->event, .also = act->also, .hva = s.n.slot->hva, .pages = PAGES,
		.racing = true,
	});
}

static void replace(struct stage *s)
{
	require(mmap(s->n.slot->hva, PAGES * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == s->n.slot->hva, "MAP_FIXED failed");
}

static void drop(struct stage *s)
{
	require(!madvise(s->n.slot->hva, PAGES * GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
}

static void punch(struct stage *s)
{
	require(!fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGES * GUEST_PAGE),
		"fallocate: %s", strerror(errno));
}

static void swap_prepare(struct stage *s)
{
	(void)s;
	swap_on(SWAP_MIB);
}

static void page_out(struct stage *s)
{
	swap_out(s->n.slot->hva, PAGES);
}

static void merge_prepare(struct stage *s)
{
	(void)s;
	ksm_prepare();
}

/* All pages hold the same, and become one. */
static void merge(struct stage *s)
{
	ksm_register(s->n.slot->hva, PAGES);
	ksm_merge();
}

static struct process child;
static int child_ends[2];

static void wait_for_end(void)
{
	char byte;

	close(child_ends[1]);
	if (read(child_ends[0], &byte, 1) != 0)
		fail("the child's pipe");
}

/* Owner and child have all pages together, until the owner writes. */
static void share(struct stage *s)
{
	if (s->n.paging)
		madvise(s->n.window.tables->hva, s->n.window.tables->pages * GUEST_PAGE, MADV_DONTFORK);
	require(!pipe2(child_ends, O_CLOEXEC), "pipe: %s", strerror(errno));
	child = process_start(wait_for_end);
}

static void end_child(void)
{
	close(child_ends[1]);
	require(!process_wait(&child, DEADLINE_S), "the child does not end");
	close(child_ends[0]);
}

static const struct act map_fixed = {
	.name = "MAP_FIXED", .take = replace, .event = NOTIFY_UNMAP, .also = NOTIFY_CLEAR,
};
static const struct act dont_need = {
	.name = "MADV_DONTNEED", .take = drop, .event = NOTIFY_CLEAR,
};
static const struct act hole = {
	.name = "a hole in a memfd", .take = punch, .event = NOTIFY_CLEAR, .memfd = true,
};
static const struct act swapped = {
	.name = "MADV_PAGEOUT", .prepare = swap_prepare, .take = page_out, .event = NOTIFY_CLEAR,
	.away = true,
};
static const struct act merged = {
	.name = "KSM", .prepare = merge_prepare, .take = merge, .event = NOTIFY_CLEAR,
};
static const struct act forked = {
	.name = "fork", .take = share, .finish = end_child, .event = NOTIFY_PROTECTION_PAGE,
	.also = NOTIFY_CLEAR,
};

#define TOLD_BY_OTHERS "a nested reader is in other cases already; two spinning vCPUs leave the host little time"

/* Both readers in the guest, or one of them in a nested guest. */
#define CASES(act) \
	static void act##_plain(void) \
	{ \
		run(&(act), false); \
	} \
	static void act##_nested(void) \
	{ \
		run(&(act), true); \
	}

CASES(map_fixed)
CASES(dont_need)
CASES(hole)
CASES(swapped)
CASES(merged)
CASES(forked)

const struct test test = {
	.name = "spin",
	.group = "flush",
	.proves = "a vCPU that never leaves guest mode stops reading a page that the host took",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "replaced", map_fixed_plain },
		{ "replaced-nested", map_fixed_nested },
		{ "dontneed", dont_need_plain },
		{ "dontneed-nested", dont_need_nested },
		{ "hole", hole_plain },
		{ "hole-nested", hole_nested, { 0 }, TOLD_BY_OTHERS },
		{ "pageout", swapped_plain, { .swap = true } },
		{ "pageout-nested", swapped_nested, { .swap = true }, TOLD_BY_OTHERS },
		{ "ksm", merged_plain, { .ksm = true } },
		{ "ksm-nested", merged_nested, { .ksm = true }, TOLD_BY_OTHERS },
		{ "fork", forked_plain },
		{ "fork-nested", forked_nested, { 0 }, TOLD_BY_OTHERS },
	},
};
