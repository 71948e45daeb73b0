// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "agent.h"

static volatile uint64_t *page;

static void *beat(void *arg)
{
	const struct timespec pause = { .tv_nsec = BEAT_MS * 1000000l };
	volatile uint64_t *counter = arg;
	uint64_t count = 0;	/* its own: the page is written by the host when a guest is migrated */

	for (;;) {
		*counter = ++count;
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
	page = (uint64_t *)memory;
	for (unsigned int i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, beat, memory + i * BEAT_PAGE))
			give_up("no thread for heartbeats");
}

void beats_verified(uint64_t rounds, uint64_t bad)
{
	page[BEAT_BAD] = bad;
	page[BEAT_ROUNDS] = rounds;
}

bool beats_wanted(void)
{
	return page[BEAT_WANTED];
}
