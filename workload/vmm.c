// SPDX-License-Identifier: GPL-2.0-only
#include "workload/vmm.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/die.h"
#include "lib/btf.h"
#include "workload/acts.h"
#include "workload/background.h"
#include "workload/qemu-x86.h"
#include "workload/vmm-fork.h"

#define LAST_FORK_MS 10000ull	/* on hardware; one that is killed within leaves QEMU with registers that are not its own */
#define PAGE 4096ul

bool vmm_wanted(const struct plan *plan)
{
	return plan->vmm.fork || plan->vmm.punch || plan->vmm.memslots;
}

const char *vmm_missing(const struct plan *plan)
{
	return vmm_wanted(plan) ? probe_missing() : NULL;
}

/* NAME_N, counted from now on; filter is taken over, and NULL if there was no memory of the guest to ask for. */
static bool count_calls(struct probe *probe, const char *name, const struct guest *guest, const char *definition, char *filter)
{
	char *whole = xasprintf("%s_%u", name, guest->number);
	bool fine = filter && probe_start(probe, whole, definition, filter);

	free(whole);
	free(filter);
	return fine;
}

/* What notifiers are told in the context of QEMU's main thread, of a range as the filter has it. */
static bool count_told(struct probe *probe, const char *name, const struct guest *guest, char *filter)
{
	struct kernel_btf *btf = kernel_btf_open();
	const int start = btf ? btf_member_offset(btf, "mmu_notifier_range", "start") : -ENOENT;
	const int end = btf ? btf_member_offset(btf, "mmu_notifier_range", "end") : -ENOENT;
	char *definition = xasprintf("__mmu_notifier_invalidate_range_start from=+%d($arg1):x64 to=+%d($arg1):x64", start, end);
	bool fine = start >= 0 && end >= 0;

	kernel_btf_close(btf);
	if (fine) {
		fine = count_calls(probe, name, guest, definition, filter);
	} else {
		printf("# %s: the kernel's BTF has no struct mmu_notifier_range\n", guest->name);
		free(filter);
	}
	free(definition);
	return fine;
}

/* copy_page_range() tells of a whole mapping. */
static bool count_forks(struct vmm *vmm, const struct guest *guest, const struct memory *memory)
{
	return count_told(&vmm->told, "forked", guest,
			  xasprintf("common_pid == %d && from <= 0x%lx && to >= 0x%lx", guest->pid, memory->start, memory->end));
}

/* By any of its threads: it is a vCPU that writes to a BAR, or tells the balloon of free pages. */
static char *filter_of_threads(pid_t pid)
{
	char *path = xasprintf("/proc/%d/task", pid), *filter = NULL, *longer;
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		longer = xasprintf("%s%scommon_pid == %s", filter ? filter : "", filter ? " || " : "", entry->d_name);
		free(filter);
		filter = longer;
	}
	if (dir)
		closedir(dir);
	free(path);
	return filter;
}

/* Whether a field lies where a piece of so many bytes may begin or end. */
static void add_alignment(char **filter, const char *field, unsigned long start)
{
	for (unsigned long bit = PAGE; bit < GUEST_REPORTS; bit <<= 1) {
		char *longer = xasprintf("%s && %s(%s & 0x%lx)", *filter, start & bit ? "" : "!", field, bit);

		free(*filter);
		*filter = longer;
	}
}

/* FALLOC_FL_PUNCH_HOLE is 2 (include/uapi/linux/falloc.h). What reclaim tells of are pages. */
static bool count_holes(struct vmm *vmm, const struct guest *guest, const struct memory *memory)
{
	char *threads = filter_of_threads(guest->pid), *told;
	bool fine;

	fine = threads && count_calls(&vmm->holes, "punched", guest, "shmem_fallocate mode=$arg2:s32",
				      xasprintf("(%s) && mode & 2", threads));
	told = xasprintf("(%s) && from >= 0x%lx && to <= 0x%lx", threads ? threads : "", memory->start, memory->end);
	add_alignment(&told, "from", memory->start);
	add_alignment(&told, "to", memory->start);
	if (fine)
		fine = count_told(&vmm->holes_told, "punch_told", guest, told);
	else
		free(told);
	free(threads);
	return fine;
}

static bool start_forks(struct vmm *vmm, const struct guest *guest, const struct memory *memory)
{
	vmm->count = mmap(NULL, sizeof(*vmm->count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (vmm->count == MAP_FAILED) {
		printf("# memory for a count: %s\n", strerror(errno));
		vmm->count = NULL;
		return false;
	}
	if (background_start(&vmm->forker)) {
		vmm_fork_again_and_again(vmm->count, guest->pid, memory);
		_exit(0);
	}
	return vmm->forker > 0;
}

bool vmm_start(struct vmm *vmm, const struct guest *guest, const struct plan *plan)
{
	struct memory memory;

	if (!memory_find(&memory, guest->pid)) {
		printf("# %s: its memory is not found among QEMU's mappings\n", guest->name);
		return false;
	}
	if (plan->vmm.memslots &&
	    !count_calls(&vmm->updates, "memslot", guest, "kvm_arch_commit_memory_region", filter_of_threads(guest->pid)))
		return false;
	if (plan->vmm.punch && !count_holes(vmm, guest, &memory))
		return false;
	return !plan->vmm.fork || (count_forks(vmm, guest, &memory) && start_forks(vmm, guest, &memory));
}

void vmm_stop(struct vmm *vmm, const struct plan *plan)
{
	if (vmm->forker <= 0)
		return;
	vmm->count->stop = true;
	background_end(&vmm->forker, LAST_FORK_MS * plan->slowness);
}

static bool forks_fine(const struct vmm *vmm, const struct guest *guest)
{
	const unsigned long forks = vmm->count ? vmm->count->forks : 0;

	return acts_forks_fine(stdout, guest->name, forks, probe_count(&vmm->told), vmm->count ? vmm->count->why : "");
}

static bool memslots_fine(const struct vmm *vmm, const struct guest *guest)
{
	json_int_t switched = 0, bad = 1;
	const char *first = "";

	if (json_unpack(guest->memslots, "{s:I, s:I, s:s}", "switched", &switched, "bad", &bad, "first_bad", &first))
		first = "it said nothing of it";
	return acts_memslots_fine(stdout, guest->name, switched, bad, first, probe_count(&vmm->updates));
}

bool vmm_fine(const struct vmm *vmm, const struct guest *guest, const struct plan *plan)
{
	bool fine = true;

	if (plan->vmm.fork)
		fine = forks_fine(vmm, guest);
	if (plan->vmm.punch)
		fine = acts_holes_fine(stdout, guest->name, probe_count(&vmm->holes), probe_count(&vmm->holes_told)) && fine;
	if (plan->vmm.memslots)
		fine = memslots_fine(vmm, guest) && fine;
	return fine;
}

void vmm_release(struct vmm *vmm)
{
	background_stop(&vmm->forker);
	if (vmm->count)
		munmap(vmm->count, sizeof(*vmm->count));
	*vmm = (struct vmm){ 0 };
}
