// SPDX-License-Identifier: GPL-2.0-only
#include "store-take.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/hash.h"
#include "host/path.h"
#include "store-sql.h"
#include "text.h"

const char *member_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t member_integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

double member_real(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* What any terminal and any form can hold: words of one line, but reasons. */
static void clean(json_t *value, bool is_reason)
{
	const char *key, *text = json_string_value(value);
	json_t *member;
	size_t i;

	if (text) {
		char *fine = is_reason ? text_clean(text) : text_clean_line(text);

		json_string_set(value, fine);
		free(fine);
	}
	json_object_foreach(value, key, member)
		clean(member, !strcmp(key, "reason"));
	json_array_foreach(value, i, member)
		clean(member, false);
}

static bool is_known(struct store *store, const char *table, const char *hash, int64_t *id)
{
	char *sql = xasprintf("SELECT id FROM %s WHERE hash = ?", table);
	sqlite3_stmt *row = sql_prepare(store->db, sql, "t", hash);
	bool known = row && sqlite3_step(row) == SQLITE_ROW;

	if (known)
		*id = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	free(sql);
	return known;
}

/* Another may take the same meanwhile: only who writes alone knows. */
static int insert(struct store *store, const struct store_kind *kind, const json_t *root, const char *hash,
		  const char *folder, int64_t *id, char error[STORE_ERROR])
{
	int err = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (!err && is_known(store, kind->table, hash, id)) {
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
		return -EEXIST;
	}
	if (!err)
		err = kind->add(store, root, hash, folder, id);
	if (!err)
		err = sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	if (!err)
		return 0;
	snprintf(error, STORE_ERROR, "%s: %s: %s", folder, store->path, sqlite3_errmsg(store->db));
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return -EIO;
}

int store_take(struct store *store, const struct store_kind *kind, const char *path, const char *folder,
	       int64_t *id, char error[STORE_ERROR])
{
	char *data, *absolute = realpath(folder, NULL);
	json_t *root = NULL;
	json_error_t json_error;
	const char *wrong;
	char hash[17];
	size_t size;
	int err;

	data = file_read(path, &size);
	if (!data) {
		err = -errno;
		snprintf(error, STORE_ERROR, "%s: %s: not a run folder?", path, strerror(-err));
		goto out;
	}
	hash_format(hash_add(HASH_START, data, size), hash);
	err = -EEXIST;
	if (is_known(store, kind->table, hash, id))
		goto out;
	err = -EINVAL;
	root = json_loadb(data, size, 0, &json_error);
	wrong = root ? kind->check(root) : json_error.text;
	if (wrong) {
		snprintf(error, STORE_ERROR, "%s: %s", path, wrong);
		goto out;
	}
	clean(root, false);
	err = insert(store, kind, root, hash, absolute ? absolute : folder, id, error);
out:
	json_decref(root);
	free(absolute);
	free(data);
	return err;
}
