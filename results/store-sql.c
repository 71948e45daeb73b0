// SPDX-License-Identifier: GPL-2.0-only
#include "store-sql.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

static int bind(sqlite3_stmt *statement, const char *format, va_list values)
{
	int err = SQLITE_OK;

	for (int i = 1; !err && *format; i++, format++) {
		const char *text;

		switch (*format) {
		case 't':
			text = va_arg(values, const char *);
			err = text ? sqlite3_bind_text(statement, i, text, -1, SQLITE_TRANSIENT) :
				     sqlite3_bind_null(statement, i);
			break;
		case 'i':
			err = sqlite3_bind_int64(statement, i, va_arg(values, int64_t));
			break;
		case 'd':
			err = sqlite3_bind_double(statement, i, va_arg(values, double));
			break;
		default:
			err = SQLITE_MISUSE;
		}
	}
	return err;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, const char *format, va_list values)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL))
		return NULL;
	if (bind(statement, format, values)) {
		sqlite3_finalize(statement);
		return NULL;
	}
	return statement;
}

sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, const char *format, ...)
{
	sqlite3_stmt *statement;
	va_list values;

	va_start(values, format);
	statement = prepare(db, sql, format, values);
	va_end(values);
	return statement;
}

int sql_run(sqlite3 *db, const char *sql, const char *format, ...)
{
	sqlite3_stmt *statement;
	va_list values;
	int err;

	va_start(values, format);
	statement = prepare(db, sql, format, values);
	va_end(values);
	if (!statement)
		return sqlite3_errcode(db);
	do
		err = sqlite3_step(statement);
	while (err == SQLITE_ROW);
	sqlite3_finalize(statement);
	return err == SQLITE_DONE ? SQLITE_OK : err;
}

int sql_again(sqlite3_stmt *statement, const char *format, ...)
{
	va_list values;
	int err;

	va_start(values, format);
	err = bind(statement, format, values);
	va_end(values);
	if (!err)
		err = sqlite3_step(statement);
	sqlite3_reset(statement);
	return err == SQLITE_DONE ? SQLITE_OK : err;
}

const char *sql_text(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text ? text : "";
}
