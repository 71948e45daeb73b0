/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All runs in one SQLite database. Whoever writes waits for who writes; what was committed survives any
 * death of the writer. docs/results.md has the schema.
 */
#ifndef SPTEST_STORE_H
#define SPTEST_STORE_H

#include <stdbool.h>
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

/*
 * The run that a person means by word: its number, a run folder (taken in if need be), a kernel
 * version (its newest run), a date YYYY-MM-DD (the newest of that day), "latest", or "last-green": the
 * newest without a failure; if `like` is not 0, of that run's mode and kernel, or else series, and before it. 0 or
 * -errno with a line.
 */
int store_find(struct store *store, const char *word, int64_t like, int64_t *id,
	       char error[STORE_ERROR]);

/*
 * The newest run of each kernel and MMU mode that started at `since` (ISO 8601, or the beginning of it) or
 * later, "" for all: how many, with their numbers in *ids, the caller's to free; or -errno with a line.
 */
int store_newest(struct store *store, const char *since, int64_t **ids, char error[STORE_ERROR]);

/* How many campaigns started at `since` or later, "" for all; or -errno with a line. */
int store_campaigns(struct store *store, const char *since, char error[STORE_ERROR]);

/* Forgets all but the newest `keep` runs of each kernel and MMU mode; how many, or -errno. */
int store_prune(struct store *store, unsigned int keep, char error[STORE_ERROR]);

#endif
