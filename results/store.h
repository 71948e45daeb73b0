/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All runs in one SQLite database. Whoever writes waits for who writes; what was committed survives any
 * death of the writer. docs/results.md has the schema.
 */
#ifndef SPTEST_STORE_H
#define SPTEST_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;

#define STORE_ERROR 400	/* size of the buffers for one line of error */

struct store {
	struct sqlite3 *db;
	char *path;		/* "": in memory */
};

/*
 * Opens the database at path, made when it is missing, "" for one in memory. An older schema is
 * brought up to date; a newer one, or a file that is no such database, is an error. 0 or -errno.
 */
int store_open(struct store *store, const char *path, char error[STORE_ERROR]);
void store_close(struct store *store);

/* A line of what SQLite said last, and what to do. -EIO. */
int store_fail(const struct store *store, char error[STORE_ERROR]);

/*
 * Takes in folder/summary.json; *id is the run's. The same run twice is one run. -EEXIST (with *id):
 * it was there already. -errno with a line: it cannot be read, or is no such summary; nothing of it is
 * taken in then.
 */
int store_import(struct store *store, const char *folder, int64_t *id, char error[STORE_ERROR]);

/* The same with folder/mutants.json, of sptest mutants: a campaign. */
int store_import_campaign(struct store *store, const char *folder, int64_t *id, char error[STORE_ERROR]);

/*
 * Takes in all of another store that is not there yet; that one is brought up to date. How many runs and
 * campaigns, or -errno with a line and nothing taken in.
 */
int store_merge(struct store *store, const char *path, char error[STORE_ERROR]);

#define STORE_LAST_GREEN "last-green"

enum store_word {
	STORE_RUN,	/* one run, whatever it is: a number, a folder, "latest", "last-green" */
	STORE_DATE,
	STORE_KERNEL,
};

enum store_key {
	STORE_KEY_MODE = 0,	/* suite, MMU mode, accelerator */
	STORE_KEY_SERIES = 1,	/* and kernel series and flavour: one may be an update of the other */
	STORE_KEY_BUILD = 2,	/* and the very same kernel */
};

struct store_set {
	enum store_word kind;
	int64_t *ids;	/* newest first */
	size_t count;
};

/* Is it a run folder? */
bool store_is_folder(const char *word);

/*
 * The runs that a person means by word, at least one: its number, a run folder (taken in if need be), "latest",
 * "last-green": the newest without a failure; a date YYYY-MM-DD: of the runs that began on it (UTC) the newest
 * of each suite, kernel (release and configuration), MMU mode and accelerator; or a kernel version: the newest of each suite, mode
 * and accelerator. 0 or -errno with a line, -ENOENT: there is none.
 */
int store_find_set(struct store *store, const char *word, struct store_set *set, char error[STORE_ERROR]);
/* The same, but of a date or a kernel all runs, not only the newest. */
int store_find_all(struct store *store, const char *word, struct store_set *set, char error[STORE_ERROR]);
void store_set_free(struct store_set *set);

/*
 * The newest of these. "last-green", if `like` is not 0: before that run, of its suite, mode, accelerator and kernel,
 * or else series and flavour.
 */
int store_find(struct store *store, const char *word, int64_t like, int64_t *id,
	       char error[STORE_ERROR]);

/*
 * What runs must have in common to be held against each other, as text that is the caller's to free. NULL: no such
 * run.
 */
char *store_run_key(struct store *store, int64_t id, enum store_key key_kind);

/*
 * The newest run of each kernel and MMU mode that started at `since` (ISO 8601, or the beginning of it) or
 * later, "" for all: how many, with their numbers in *ids, the caller's to free; or -errno with a line.
 */
int store_newest(struct store *store, const char *since, int64_t **ids, char error[STORE_ERROR]);

/* How many campaigns started at `since` or later, "" for all; or -errno with a line. */
int store_campaigns(struct store *store, const char *since, char error[STORE_ERROR]);

/* Forgets all but the newest `keep` runs, and campaigns, of each suite, kernel and MMU mode; how many, or -errno. */
int store_prune(struct store *store, unsigned int keep, char error[STORE_ERROR]);

#endif
