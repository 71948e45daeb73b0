// SPDX-License-Identifier: GPL-2.0-only
#include "workload/pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/die.h"
#include "host/path.h"
#include "host/proc.h"

#define PAGE 4096ul
#define KSM "/sys/kernel/mm/ksm"
#define MIB_PAGES 256
#define DEATH_TRIES 400		/* 20 s: in a deadlock it cannot die */

static bool knob_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool fine = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!fine)
		printf("# %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return fine;
}

static bool run(const char *const argv[])
{
	const struct proc_options quiet = { .log = "/tmp/pressure.log" };
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
	fine = knob_write(knob, size) && run((const char *[]){ "mkswap", device, NULL }) &&
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
	if (path_exists(KSM "/smart_scan") && !knob_write(KSM "/smart_scan", "0"))
		return false;
	return knob_write(KSM "/pages_to_scan", "1000") && knob_write(KSM "/sleep_millisecs", "50") &&
	       knob_write(KSM "/run", "1");
}

bool pressure_prepare(const struct plan *plan)
{
	if (plan->swap_mib && !swap_on_zram(plan->swap_mib))
		return false;
	return !plan->ksm || ksm_on();
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

void pressure_start(struct pressure *pressure, const struct plan *plan)
{
	*pressure = (struct pressure){ 0 };
	if (!plan->memhog_mib)
		return;
	fflush(stdout);
	pressure->memhog = fork();
	if (pressure->memhog)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Should memory run out altogether, this is what has to go. */
	knob_write("/proc/self/oom_score_adj", "1000");
	hog(plan->memhog_mib);
}

void pressure_stop(struct pressure *pressure)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	if (pressure->memhog <= 0)
		return;
	kill(pressure->memhog, SIGKILL);
	for (int i = 0; i < DEATH_TRIES && waitpid(pressure->memhog, NULL, WNOHANG) == 0; i++)
		nanosleep(&pause, NULL);
	pressure->memhog = 0;
}

unsigned long pressure_merged(void)
{
	char *text = file_read(KSM "/pages_sharing", NULL);
	unsigned long merged = text ? strtoul(text, NULL, 10) : 0;

	free(text);
	return merged;
}
