// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "agent.h"

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
	char *memory = device_map(BEAT_DEVICE_SIZE, NULL);
	pthread_t thread;

	if (memory == MAP_FAILED)
		give_up("no memory for heartbeats: %s", strerror(errno));
	for (unsigned int i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, beat, memory + i * BEAT_PAGE))
			give_up("no thread for heartbeats");
}
