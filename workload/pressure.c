// SPDX-License-Identifier: GPL-2.0-only
#include "workload/pressure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "host/die.h"
#include "host/path.h"
#include "host/proc.h"
#include "workload/background.h"
#include "workload/cgroup.h"
#include "workload/nodes.h"
#include "workload/settings.h"
#include "workload/vmm.h"

#define PAGE 4096ul
#define KSM "/sys/kernel/mm/ksm"
#define MIB_PAGES 256
#define HUGEPAGE_MIB 2

static bool run(const char *const argv[])
{
	const struct proc_options quiet = { .log = "pressure.log" };
	int status = proc_run(argv, &quiet);

	if (status)
		printf("# %s %s: exit status %d\n", argv[0], argv[1], status);
	return !status;
}

static bool swap_on_zram(int mib)
{
	char *number = file_read("/sys/class/zram-control/hot_add", NULL), *knob, *size, *device;
	bool fine;

	if (!number) {
		printf("# no zram: %s\n", strerror(errno));
		return false;
	}
	number[strcspn(number, "\n")] = '\0';
	knob = xasprintf("/sys/block/zram%s/disksize", number);
	size = xasprintf("%dM", mib);
	device = xasprintf("/dev/zram%s", number);
	fine = setting_write(knob, size) && run((const char *[]){ "mkswap", device, NULL }) &&
	       run((const char *[]){ "swapon", device, NULL });
	free(device);
	free(size);
	free(knob);
	free(number);
	return fine;
}

/* Without smart_scan (6.7), which leaves pages that were not merged at first alone for a while. */
static bool ksm_on(void)
{
	if (path_exists(KSM "/smart_scan") && !setting_write(KSM "/smart_scan", "0"))
		return false;
	return setting_write(KSM "/pages_to_scan", "1000") && setting_write(KSM "/sleep_millisecs", "50") &&
	       setting_write(KSM "/run", "1");
}

/* The kernel gives what it has and calls that success: QEMU says what it lacks. */
static bool reserve_hugepages(const struct plan *plan)
{
	char *count = xasprintf("%d", plan->guests * (plan->guest_mib + plan->hotplug_mib) / HUGEPAGE_MIB);
	bool fine = setting_write("/proc/sys/vm/nr_hugepages", count);

	free(count);
	return fine;
}

bool pressure_prepare(const struct plan *plan)
{
	if (plan->swap_mib && !swap_on_zram(plan->swap_mib))
		return false;
	if (plan->backing == BACKING_HUGEPAGES && !reserve_hugepages(plan))
		return false;
	if (plan->high_mib && !cgroup_prepare(plan->high_mib))
		return false;
	if (plan->ksm && !ksm_on())
		return false;
	if (plan->numa && !nodes_prepare())
		return false;
	/* Once now, where what cannot be written fails the workload; later it may fail for want of memory. */
	return settings_write(plan->set) && settings_write(plan->each_second);
}

/* Half of the pages hold one byte again and again, which zram stores as nothing. */
static void hog(size_t mib)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	size_t pages = mib * MIB_PAGES;
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	for (unsigned long round = 1;; round++)
		for (size_t page = 0; page < pages; page++) {
			memset(memory + page * PAGE, round, page % 2 ? PAGE : PAGE / 2);
			if (page % MIB_PAGES == 0)
				nanosleep(&pause, NULL);
		}
}

/* Such a write may take long, and what judges must not wait for it. */
static void repeat(json_t *settings)
{
	const struct timespec pause = { .tv_sec = 1 };

	for (;;) {
		nanosleep(&pause, NULL);
		settings_write(settings);
	}
}

void pressure_start(struct pressure *pressure, const struct plan *plan)
{
	*pressure = (struct pressure){ 0 };
	if (plan->memhog_mib && background_start(&pressure->memhog)) {
		/* Should memory run out altogether, this is what has to go. */
		setting_write("/proc/self/oom_score_adj", "1000");
		hog(plan->memhog_mib);
	}
	if (json_array_size(plan->each_second) && background_start(&pressure->repeater))
		repeat(plan->each_second);
}

void pressure_stop(struct pressure *pressure)
{
	background_stop(&pressure->memhog);
	background_stop(&pressure->repeater);
}

const char *pressure_missing(const struct plan *plan)
{
	const char *missing = settings_missing(plan->set);

	if (!missing)
		missing = settings_missing(plan->each_second);
	if (!missing)
		missing = vmm_missing(plan);
	if (!missing)
		missing = nodes_missing(plan);
	return missing || !plan->high_mib ? missing : cgroup_missing();
}

unsigned long pressure_merged(void)
{
	char *text = file_read(KSM "/pages_sharing", NULL);
	unsigned long merged = text ? strtoul(text, NULL, 10) : 0;

	free(text);
	return merged;
}
