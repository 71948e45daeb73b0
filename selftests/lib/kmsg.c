// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/kmsg.h"
#include "lib/test.h"

#define DEADLINE_S 20
#define RECORD_SIZE 8192	/* larger ones than CONSOLE_EXT_LOG_MAX do not fit, see devkmsg_read() */

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	require(fd >= 0 && !lseek(fd, 0, SEEK_END), "/dev/kmsg: %s", strerror(errno));
	return fd;
}

/* One record a read: "PRIORITY,NUMBER,TIME,FLAGS;TEXT". False: there is none yet. */
static bool read_record(int fd, char *record, size_t size)
{
	ssize_t n = read(fd, record, size - 1);

	/* EPIPE: records were overwritten; the next read goes on behind them */
	require(n >= 0 || errno == EAGAIN || errno == EPIPE, "/dev/kmsg: %s", strerror(errno));
	record[n < 0 ? 0 : n] = '\0';
	return n > 0;
}

void kmsg_wait(int fd, const char *beginning)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	char record[RECORD_SIZE];
	const char *text;

	for (;;) {
		if (read_record(fd, record, sizeof(record))) {
			text = strchr(record, ';');
			if (text && !strncmp(text + 1, beginning, strlen(beginning)))
				return;
			continue;
		}
		require(time(NULL) <= deadline, "the kernel never logged \"%s\"", beginning);
		usleep(1000);
	}
}
