// SPDX-License-Identifier: GPL-2.0-only
/* clean_line(TEXT) and clean_text(TEXT) of SQL: what any terminal and any form can hold. */
#include <stdlib.h>

#include "store-sql.h"
#include "text.h"

static void clean(sqlite3_context *context, sqlite3_value *value, char *(*make)(const char *))
{
	if (sqlite3_value_type(value) != SQLITE_NULL)
		sqlite3_result_text(context, make((const char *)sqlite3_value_text(value)), -1, free);
}

static void clean_line(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	clean(context, values[0], text_clean_line);
}

static void clean_text(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	clean(context, values[0], text_clean);
}

int sql_add_clean(sqlite3 *db)
{
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
	int err = sqlite3_create_function(db, "clean_line", 1, flags, NULL, clean_line, NULL, NULL);

	return err ? err : sqlite3_create_function(db, "clean_text", 1, flags, NULL, clean_text, NULL, NULL);
}
