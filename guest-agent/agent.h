/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program that works in a Linux guest; the guest's init (guest-image/) starts it. Its argument is one JSON
 * object (struct order), its output one JSON object a line: "event" says which.
 */
#ifndef SPTEST_AGENT_H
#define SPTEST_AGENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

/*
 * device.c: QEMU's devices that are memory, known by their size. MAP_FAILED: there is none of that size; folder gets its place
 * in sysfs, and may be NULL.
 */
#define DEVICE_FOLDER 128
void *device_map(size_t size, char folder[DEVICE_FOLDER]);

/* beat.c: where the host reads how the guest fares: two pages of a device's memory. */
#define BEAT_PAGE 4096		/* the first is never swapped by the host, the second may be */
#define BEAT_MS 100
#define BEAT_DEVICE_SIZE (1 << 20)	/* the least that QEMU takes for a BAR */
/* Words of the first page: heartbeats; rounds in which all of the pattern was verified, pages that were bad; the host wants more. */
enum { BEAT_COUNT, BEAT_ROUNDS, BEAT_BAD, BEAT_WANTED };

/* memslots.c: a memslot that comes and goes, until memslots_stop() says what was found. */
#define MEMSLOT_DEVICE_SIZE (2 << 20)
void memslots_start(void);
void memslots_stop(void);

/* What the host wants. */
struct order {
	size_t pattern_mib;
	unsigned int seconds;	/* jobs start again until so much time is over */
	uint64_t seed;
	bool memslots;		/* one has to come and go */
	json_t *jobs;		/* strings: lines for the shell */
};

/* root.c: from the initramfs into the image with the programs, the first virtio disk. */
void root_enter(void);

/* A line for the host; takes object over. */
void say(json_t *object);

/* The same for what ends the agent. */
noreturn void give_up(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Counts in both pages, each by a thread of its own. */
void beats_start(void);

/* Tells how far verification is. */
void beats_verified(uint64_t rounds, uint64_t bad);

/* The host has not seen enough yet. */
bool beats_wanted(void);

/* pattern.c: memory that is verified and changed, round by round, until pattern_stop() says what was found. */
void pattern_start(size_t mib, uint64_t seed);
void pattern_stop(void);

/* job.c: runs one and says how it ended, with what it printed. */
void job_run(const char *line);

#endif
