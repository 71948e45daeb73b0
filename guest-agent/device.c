// SPDX-License-Identifier: GPL-2.0-only
/* Devices that are nothing but memory, which is their BAR 2 (ivshmem-plain). */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

#define DEVICES "/sys/bus/pci/devices"
#define VENDOR "0x1af4"		/* docs/specs/ivshmem-spec.txt of QEMU */
#define DEVICE "0x1110"

static bool has(const char *device, const char *name, const char *wanted)
{
	char path[300], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s", device, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return !strncmp(text, wanted, strlen(wanted));
}

/* A device without a driver answers only once it is enabled. */
static int device_enable(const char *device)
{
	char path[300];
	int fd, err;

	snprintf(path, sizeof(path), "%s/enable", device);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write(fd, "1", 1) == 1 ? 0 : -errno;
	close(fd);
	return err;
}

/* All of BAR 2, if it is of that size. */
static void *map(const char *device, size_t size)
{
	void *memory = MAP_FAILED;
	char path[300];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/resource2", device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return MAP_FAILED;
	if (!fstat(fd, &st) && (size_t)st.st_size == size && !device_enable(device))
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return memory;
}

void *device_map(size_t size, char folder[DEVICE_FOLDER])
{
	void *memory = MAP_FAILED;
	glob_t found;

	if (glob(DEVICES "/*", 0, NULL, &found))
		return memory;
	for (size_t i = 0; memory == MAP_FAILED && i < found.gl_pathc; i++) {
		if (has(found.gl_pathv[i], "vendor", VENDOR) && has(found.gl_pathv[i], "device", DEVICE))
			memory = map(found.gl_pathv[i], size);
		if (folder)
			snprintf(folder, DEVICE_FOLDER, "%s", found.gl_pathv[i]);
	}
	globfree(&found);
	return memory;
}
