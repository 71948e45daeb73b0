// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs in a process whose memory is many mappings: KVM_CREATE_VM goes over all of them, as it takes each
 * one's locks (mm_take_all_locks()). The VM hears what happens to its memory, and nothing else changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/census.h"
#include "lib/check.h"
#include "lib/clock.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/many-vmas.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"

#define PAGES 64
#define MIDDLE 17
#define VMAS_SOME 1000
#define ROUNDS 5

static struct stage s;

/* For people, never for a verdict: the best of some rounds, in microseconds. */
struct cost {
	uint64_t create, close;
};

static void cost_best(uint64_t *best, uint64_t us)
{
	if (!*best || us < *best)
		*best = us;
}

static struct cost measure(int kvm)
{
	struct cost cost = { 0 };
	uint64_t begin, made;
	int fd;

	for (int i = 0; i < ROUNDS; i++) {
		begin = clock_us();
		fd = ioctl(kvm, KVM_CREATE_VM, 0);
		made = clock_us();
		require(fd >= 0, "KVM_CREATE_VM: %s", strerror(errno));
		close(fd);
		cost_best(&cost.create, made - begin);
		cost_best(&cost.close, clock_us() - made);
	}
	return cost;
}

static void check_vm(char *other)
{
	struct census before;
	struct vm again;

	stage_set(&s, PAGES);
	sptes_expect(s.slot, 0, PAGES, SPTES_WRITABLE, "guest writes all");
	require(!munmap(other, GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap of one of the other VMAs", &(struct step){ 0 });
	require(!munmap(slot_page(s.slot, MIDDLE), GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap of a page", &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot_page(s.slot, MIDDLE), .pages = 1, .zapped = 1,
	});
	sptes_expect(s.slot, MIDDLE, 1, SPTES_NONE, "munmap of a page");
	stage_expect_gone(&s, MIDDLE, 1);
	stage_read_others(&s, MIDDLE, 1);
	vm_destroy(&s.vm);
	census_take(&before);
	vm_create(&again, 1);
	vm_destroy(&again);
	census_expect_same(&before, "a VM among many VMAs is closed");
}

static void print_cost(const struct cost *cost, size_t count)
{
	diag("figure create_vm_%zu_vmas %lu us less", count, cost->create);
	diag("figure close_vm_%zu_vmas %lu us less", count, cost->close);
}

/* With `count` VMAs more, and with four times as many. */
static void with_vmas(size_t count)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	struct cost none, one, four;
	char *other;

	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	none = measure(kvm);
	many_vmas_add(count);
	one = measure(kvm);
	other = many_vmas_add(3 * count);
	four = measure(kvm);
	print_cost(&none, 0);
	print_cost(&one, count);
	print_cost(&four, 4 * count);
	close(kvm);
	check_vm(other);
}

static void some(void)
{
	with_vmas(VMAS_SOME);
}

static void many(void)
{
	with_vmas(MANY_VMAS / 4);
}

const struct test test = {
	.name = "vmas",
	.group = "life",
	.proves = "a VM of a process with many mappings is told of what happens to its memory",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "some", some },
		{ "many", many, .full = "makes 60000 mappings" },
	},
};
