// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/fault-injection.h"
#include "lib/knob.h"

#define FAILSLAB "/sys/kernel/debug/failslab/"
#define FAIL_PAGE_ALLOC "/sys/kernel/debug/fail_page_alloc/"

static int armed = -1;

void fault_injection_prepare(void)
{
	knob_set(FAILSLAB "ignore-gfp-wait", "N");
	knob_set(FAILSLAB "verbose", "0");
	knob_set(FAIL_PAGE_ALLOC "ignore-gfp-wait", "N");
	knob_set(FAIL_PAGE_ALLOC "ignore-gfp-highmem", "N");
	knob_set(FAIL_PAGE_ALLOC "min-order", "0");
	knob_set(FAIL_PAGE_ALLOC "verbose", "0");
}

void fault_injection_arm(pid_t thread, unsigned int n)
{
	char text[64];

	require(armed < 0, "an allocation waits to fail already");
	snprintf(text, sizeof(text), "/proc/%d/fail-nth", thread ? thread : gettid());
	armed = open(text, O_RDWR | O_CLOEXEC);
	require(armed >= 0, "%s: %s", text, strerror(errno));
	/* All that it takes is open, as whatever is allocated from here on counts. */
	snprintf(text, sizeof(text), "%u", n);
	require(pwrite(armed, text, strlen(text), 0) > 0, "fail-nth: %s", strerror(errno));
}

/* It counts down, and stays at 0 (should_fail_ex() in lib/fault-inject.c). */
bool fault_injection_disarm(void)
{
	char left[16] = "";

	require(pread(armed, left, sizeof(left) - 1, 0) > 0, "fail-nth: %s", strerror(errno));
	require(pwrite(armed, "0", 1, 0) == 1, "fail-nth: %s", strerror(errno));
	close(armed);
	armed = -1;
	return !atoi(left);
}
