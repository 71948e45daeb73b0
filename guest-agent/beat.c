// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

#define DEVICES "/sys/bus/pci/devices"

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

/* BAR 2 is the memory. */
static void *device_map(const char *device)
{
	char path[300];
	void *memory;
	int fd;

	if (device_enable(device))
		return MAP_FAILED;
	snprintf(path, sizeof(path), "%s/resource2", device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return MAP_FAILED;
	memory = mmap(NULL, 2 * BEAT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return memory;
}

static void *find_memory(void)
{
	void *memory = MAP_FAILED;
	glob_t found;

	if (glob(DEVICES "/*", 0, NULL, &found))
		return memory;
	for (size_t i = 0; memory == MAP_FAILED && i < found.gl_pathc; i++)
		if (has(found.gl_pathv[i], "vendor", BEAT_VENDOR) &&
		    has(found.gl_pathv[i], "device", BEAT_DEVICE))
			memory = device_map(found.gl_pathv[i]);
	globfree(&found);
	return memory;
}

static void *beat(void *arg)
{
	const struct timespec pause = { .tv_nsec = BEAT_MS * 1000000l };
	volatile uint64_t *counter = arg;

	for (;;) {
		*counter += 1;
		nanosleep(&pause, NULL);
	}
	return NULL;
}

void beats_start(void)
{
	char *memory = find_memory();
	pthread_t thread;

	if (memory == MAP_FAILED)
		give_up("no memory for heartbeats: %s", strerror(errno));
	for (unsigned int i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, beat, memory + i * BEAT_PAGE))
			give_up("no thread for heartbeats");
}
