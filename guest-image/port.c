// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define PORTS "/sys/class/virtio-ports"
#define PATIENCE_NS 10000000000ull

static bool is_ours(const char *entry)
{
	char path[300], name[64] = "";
	int fd;

	snprintf(path, sizeof(path), PORTS "/%s/name", entry);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, name, sizeof(name) - 1) < 0)
		name[0] = '\0';
	close(fd);
	name[strcspn(name, "\n")] = '\0';
	return !strcmp(name, CHANNEL_PORT);
}

static int port_find(void)
{
	DIR *dir = opendir(PORTS);
	struct dirent *entry;
	char path[300];
	int fd = -1;

	if (!dir)
		return -1;
	while (fd < 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !is_ours(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	closedir(dir);
	return fd;
}

/* The port's name arrives some time after the device does. */
int port_open(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	uint64_t start = clock_ns();
	int fd;

	while ((fd = port_find()) < 0) {
		if (clock_ns() - start > PATIENCE_NS) {
			kernel_log("no way to the runner: this kernel has neither virtio_pci and "
				   "virtio_console built in nor modules for them");
			reboot(RB_POWER_OFF);
		}
		nanosleep(&pause, NULL);
	}
	return fd;
}

static void transfer(int port, bool out, char *data, size_t size)
{
	while (size) {
		ssize_t n = out ? write(port, data, size) : read(port, data, size);

		if (n > 0) {
			data += n;
			size -= n;
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = port, .events = out ? POLLOUT : POLLIN };

			poll(&p, 1, -1);
		} else {
			kernel_log("the runner is gone");
			exit(1);
		}
	}
}

void port_send(int port, enum channel_type type, const void *data, uint32_t length)
{
	struct channel_header header = { .type = type, .length = length };

	transfer(port, true, (char *)&header, sizeof(header));
	transfer(port, true, (char *)data, length);
}

void port_receive(int port, struct channel_header *header, void *buf)
{
	transfer(port, false, (char *)header, sizeof(*header));
	if (header->length > CHANNEL_MAX) {
		kernel_log("message of %u bytes: longer than any should be", header->length);
		exit(1);
	}
	transfer(port, false, buf, header->length);
}
