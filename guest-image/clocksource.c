// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define AVAILABLE "/sys/devices/system/clocksource/clocksource0/available_clocksource"
#define POLL_MS 20
#define WAIT_MAX_MS 10000	/* a measurement that was disturbed is made again each second */

static bool is_measuring(void)
{
	char text[256] = "";
	int fd = open(AVAILABLE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strstr(text, "tsc-early");
}

void clocksource_settle(void)
{
	const struct timespec poll = { .tv_nsec = POLL_MS * 1000000l };

	for (int waited = 0; is_measuring() && waited < WAIT_MAX_MS; waited += POLL_MS)
		nanosleep(&poll, NULL);
}
