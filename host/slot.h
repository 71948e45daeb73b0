/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A place for one machine and the test that runs on it. The supervisor feeds it with events and asks
 * what it needs; it knows nothing of the other slots.
 */
#ifndef SPTEST_SLOT_H
#define SPTEST_SLOT_H

#include "judge.h"
#include "supervisor.h"

enum slot_state {
	SLOT_OFF,		/* no machine */
	SLOT_BOOTING,		/* waits for HELLO */
	SLOT_RESTORING,		/* from a snapshot, waits for PONG */
	SLOT_IDLE,
	SLOT_RUNNING,
	SLOT_KILLING,		/* the test is over its time, waits for its EXIT */
	SLOT_ENDING,		/* has the EXIT, waits for the end marker in the kernel log */
	SLOT_COLLECTING,	/* the machine hangs: what it still says is gathered */
	SLOT_DONE,		/* the test has all its evidence: to be judged */
	SLOT_FAILED,		/* the machine did not start */
};

struct slot {
	unsigned int id;
	size_t mode;			/* of its machine: index of the MMU mode */
	enum slot_state state;
	struct machine machine;
	char *folder;			/* the machine's files */
	bool used;			/* a test ran on this machine */
	bool judged;			/* and left this taint behind: */
	uint64_t taint;
	bool booted;			/* came up by a boot, not from a snapshot */
	uint64_t deadline, life;	/* in ms: of this state; last sign of life */

	/* the test on it */
	const struct test *test;
	size_t index;			/* of its struct run_test in the run */
	uint64_t started, first_output;	/* 0: none yet */
	struct ktap *ktap;
	FILE *output;			/* its KTAP as it came */
	size_t output_left;		/* how much of it is still kept, in bytes */
	char line[4096];
	size_t line_used;
	enum ending ending;
	char *detail;
	bool panicked;			/* by itself, not by our NMI */
	struct channel_exit exit;
	unsigned int stage;		/* of collecting */
	size_t hang_size, heard;	/* of the kernel log: when the hang was noticed, at the last stage */
	char *test_folder;		/* absolute */
};

/* Starts a machine (from snapshot unless NULL) with its files in folder, which is taken over. */
void slot_start(struct slot *slot, const struct machine_config *config, char *folder,
		const char *snapshot);
void slot_stop(struct slot *slot);

struct slot_job {
	const struct test *test;
	size_t index;
	const char *program;		/* as the machine sees it */
	const char *plan;		/* its one argument, or NULL */
	const char *folder;		/* the test's, absolute */
	uint64_t seed;
	unsigned int timeout_s;		/* on hardware */
	bool full;
	bool fail_fast;			/* no further case after one that failed */
	const char *mutant;		/* or NULL */
};

/* On an idle machine. */
void slot_run(struct slot *slot, const struct machine_config *config, const struct slot_job *job);

void slot_on_console(struct slot *slot);
void slot_on_channel(struct slot *slot);
void slot_on_exit(struct slot *slot);
void slot_on_tick(struct slot *slot, const struct machine_config *config);

/* The test's evidence becomes test's verdict, with regard to the bugs known there; the slot is idle or off afterwards. */
void slot_conclude(struct slot *slot, struct run_test *test, const struct xfail_place *place);

/* For the files of slot*: ms until slot_on_tick() finds it over its time. */
void slot_set_state(struct slot *slot, enum slot_state state, uint64_t ms);

/* collect.c: the next thing to ask a hanging machine; false when there is nothing more. */
bool collect_next(struct slot *slot);

#endif
