// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device's memory is switched off and on in its PCI command register, on which QEMU deletes the memslot and creates it
 * again. What was written must be there each time it is on, and must not be while it is off: that would come through an spte
 * that outlived its memslot.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

#define COMMAND 4		/* offset in the configuration space; PCI 3.0, 6.2.2 */
#define COMMAND_MEMORY 2
#define REST_MS 500
#define OFF_STEP 64		/* each page that is read while there is no memslot is an exit to QEMU */

static struct {
	pthread_t thread;
	volatile uint64_t *memory;
	int config;
	unsigned long switched, bad;
	atomic_bool stop;
	char first_bad[160];
} slots;

static uint64_t content(unsigned long page)
{
	return (page << 32 | slots.switched) * 0x9e3779b97f4a7c15 + 1;
}

static volatile uint64_t *word_of(unsigned long page)
{
	return &slots.memory[page * BEAT_PAGE / sizeof(uint64_t)];
}

static void check(unsigned long page, bool on)
{
	const uint64_t found = *word_of(page), wanted = content(page);

	if ((found == wanted) == on || slots.bad++)
		return;
	snprintf(slots.first_bad, sizeof(slots.first_bad), "time %lu page %lu: %016jx %s", slots.switched, page,
		 (uintmax_t)found, on ? "instead of what was written" : "as was written, while there is no memslot");
}

static void switch_memory(bool on)
{
	uint16_t command;

	if (pread(slots.config, &command, sizeof(command), COMMAND) != sizeof(command))
		give_up("the PCI configuration cannot be read: %s", strerror(errno));
	command = on ? command | COMMAND_MEMORY : command & ~COMMAND_MEMORY;
	if (pwrite(slots.config, &command, sizeof(command), COMMAND) != sizeof(command))
		give_up("the PCI configuration cannot be written: %s", strerror(errno));
}

static void *go_on(void *arg)
{
	const struct timespec pause = { .tv_nsec = REST_MS * 1000000l };
	const unsigned long pages = MEMSLOT_DEVICE_SIZE / BEAT_PAGE;

	while (!atomic_load(&slots.stop)) {
		for (unsigned long page = 0; page < pages; page++)
			*word_of(page) = content(page);
		switch_memory(false);
		for (unsigned long page = 0; page < pages; page += OFF_STEP)
			check(page, false);
		nanosleep(&pause, NULL);
		switch_memory(true);
		for (unsigned long page = 0; page < pages; page++)
			check(page, true);
		slots.switched++;
		nanosleep(&pause, NULL);
	}
	return arg;
}

void memslots_start(void)
{
	char folder[DEVICE_FOLDER], path[DEVICE_FOLDER + 8];

	slots.memory = device_map(MEMSLOT_DEVICE_SIZE, folder);
	if ((void *)slots.memory == MAP_FAILED)
		give_up("no device for the memslot: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/config", folder);
	slots.config = open(path, O_RDWR | O_CLOEXEC);
	if (slots.config < 0)
		give_up("%s: %s", path, strerror(errno));
	if (pthread_create(&slots.thread, NULL, go_on, NULL))
		give_up("no thread for the memslot");
}

void memslots_stop(void)
{
	atomic_store(&slots.stop, true);
	pthread_join(slots.thread, NULL);
	say(json_pack("{s:s, s:I, s:I, s:s}", "event", "memslots", "switched", (json_int_t)slots.switched, "bad",
		      (json_int_t)slots.bad, "first_bad", slots.first_bad));
}
