/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keeper: a process in a session of its own that knows how to undo what the test did to the
 * machine. It undoes it, last first, when told to or when the test is gone, however it died. What it
 * cannot undo is a failure.
 * So: first tell the keeper, then act.
 */
#ifndef SPTEST_LIB_KEEPER_H
#define SPTEST_LIB_KEEPER_H

enum undo {
	UNDO_WRITE,	/* write value to path */
	UNDO_APPEND,	/* append value to path (kprobe_events) */
	UNDO_RMDIR,
	UNDO_UNLINK,
	UNDO_UMOUNT,
	UNDO_SWAPOFF,
	UNDO_RMMOD,	/* path is the module's name */
	UNDO_DM_CREATE,	/* path is the name of a device of lib/dm.h */
	UNDO_DM_STOP,
	UNDO_ONLINE,	/* write value to path, the state of a memory block */
};

void keeper_start(void);

/* Remembers what has to be done later; value may be NULL where it says nothing. */
void keeper_add(enum undo undo, const char *path, const char *value);

/* A place in the list of undos, and back to it: what was added since is undone now. */
unsigned int keeper_mark(void);
void keeper_undo(unsigned int mark);

/* Undoes the rest and waits until that is done. */
void keeper_stop(void);

#endif
