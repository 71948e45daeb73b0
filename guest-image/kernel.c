// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

uint64_t kernel_taint(void)
{
	char text[32] = "";
	int fd = open("/proc/sys/kernel/tainted", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strtoull(text, NULL, 10);
}

/*
 * A line in the kernel log, after which the runner finds its way. Opened anew each time: the rate
 * limit of /dev/kmsg is kept per open file (kernel/printk/printk.c, devkmsg_write()).
 */
void kernel_log(const char *fmt, ...)
{
	char line[512] = "<5>sptest: ";
	size_t n = strlen(line);
	va_list ap;
	int fd;

	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	/* Without its newline a record waits for a KERN_CONT and does not reach the console. */
	n = strlen(line);
	snprintf(line + n, sizeof(line) - n, "\n");
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, line, strlen(line)) < 0)
		fprintf(stderr, "%s\n", line + 3);
	close(fd);
}

void kernel_sysrq(const char *letters, size_t count)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* One letter a write: kernels before 6.11 heed only the first. */
	for (size_t i = 0; i < count; i++)
		if (write(fd, &letters[i], 1) != 1)
			break;
	close(fd);
}

void kernel_describe(struct channel_hello *hello)
{
	struct utsname name;
	struct sysinfo info;

	memset(hello, 0, sizeof(*hello));
	uname(&name);
	sysinfo(&info);
	hello->version = CHANNEL_VERSION;
	hello->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	hello->memory_kib = (uint64_t)info.totalram * info.mem_unit / 1024;
	hello->taint = kernel_taint();
	snprintf(hello->release, sizeof(hello->release), "%s", name.release);
}

uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}
