// SPDX-License-Identifier: GPL-2.0-only
/* What carriers have in common. */
#include "workload/resize.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "workload/figure.h"

bool resize_wanted(const struct plan *plan)
{
	return plan->balloon_mib || plan->hotplug_mib;
}

int resize_most(const struct plan *plan)
{
	return plan->balloon_mib ? plan->guest_mib : plan->hotplug_mib;
}

int resize_least(const struct plan *plan)
{
	return plan->balloon_mib ? plan->guest_mib - plan->balloon_mib : 0;
}

bool resize_prepare(struct resize *resize)
{
	resize->count = mmap(NULL, sizeof(*resize->count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (resize->count != MAP_FAILED)
		return true;
	printf("# memory for a count: %s\n", strerror(errno));
	resize->count = NULL;
	return false;
}

bool resize_fine(const struct resize *resize, const struct guest *guest)
{
	unsigned long taken, given;

	if (!resize->count) {
		printf("# %s: nobody asked for its memory\n", guest->name);
		return false;
	}
	taken = resize->count->taken;
	given = resize->count->given;
	figure(stdout, "memory_taken", taken, "times", false);
	figure(stdout, "memory_given", given, "times", false);
	if (!taken || !given)
		printf("# %s: memory was taken %lu times and given %lu times: %s\n", guest->name, taken, given,
		       resize->count->silent ? "QEMU does not answer, or refuses" :
					       "the guest complies too late, or has no driver");
	return taken && given;
}

void resize_release(struct resize *resize)
{
	resize_stop(resize);
	if (resize->count)
		munmap(resize->count, sizeof(*resize->count));
	resize->count = NULL;
}
