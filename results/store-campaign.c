// SPDX-License-Identifier: GPL-2.0-only
/* A campaign's mutants.json becomes rows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/die.h"
#include "mutants.h"
#include "store-sql.h"
#include "store-take.h"

static int add_mutants(sqlite3 *db, int64_t campaign, const json_t *mutants)
{
	json_t *mutant;
	size_t i;

	json_array_foreach(mutants, i, mutant) {
		int err = sql_run(db, "INSERT INTO mutant VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "ittttttdi",
				  campaign, member_text(mutant, "name"), member_text(mutant, "text"), member_text(mutant, "commit"),
				  member_text(mutant, "verdict"), member_text(mutant, "killer"),
				  member_text(mutant, "reason"), member_real(mutant, "duration_s"),
				  member_integer(mutant, "tried"));

		if (err)
			return err;
	}
	return SQLITE_OK;
}

static int add_campaign(struct store *store, const json_t *root, const char *hash, const char *folder,
			int64_t *id)
{
	const char *suite = member_text(root, "suite");
	int err = sql_run(store->db, "INSERT INTO campaign (hash, folder, started, duration_s, kernel, mmu, suite)"
			  " VALUES (?, ?, ?, ?, ?, ?, ?)", "tttdttt", hash, folder, member_text(root, "started"),
			  member_real(root, "duration_s"), member_text(root, "kernel"),
			  member_text(root, "mmu"), suite ? suite : "sptest");

	if (err)
		return err;
	*id = sqlite3_last_insert_rowid(store->db);
	return add_mutants(store->db, *id, json_object_get(root, "mutants"));
}

static const char *check(json_t *root)
{
	const json_t *mutants = json_object_get(root, "mutants");
	json_t *mutant;
	size_t i;

	if (member_integer(root, "format") != 1)
		return "of another format than this sptest reads";
	if (!member_text(root, "started") || !member_text(root, "kernel") || !member_text(root, "mmu") ||
	    !json_is_array(mutants))
		return "without started, kernel, mmu or mutants";
	json_array_foreach(mutants, i, mutant)
		if (!member_text(mutant, "name") || !member_text(mutant, "verdict") ||
		    !mutant_verdict_is_known(member_text(mutant, "verdict")))
			return "with a mutant that has no name or no known verdict";
	return NULL;
}

int store_import_campaign(struct store *store, const char *folder, int64_t *id, char error[STORE_ERROR])
{
	static const struct store_kind kind = { "campaign", check, add_campaign };
	char *path = xasprintf("%s/mutants.json", folder);
	int err = store_take(store, &kind, path, folder, id, error);

	free(path);
	return err;
}

int store_campaigns(struct store *store, const char *since, char error[STORE_ERROR])
{
	sqlite3_stmt *row = sql_prepare(store->db, "SELECT count(*) FROM campaign WHERE started >= ?", "t", since);
	int count = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int(row, 0) : -EIO;

	sqlite3_finalize(row);
	return count < 0 ? store_fail(store, error) : count;
}
