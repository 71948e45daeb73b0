// SPDX-License-Identifier: GPL-2.0-only
/* flavour(RELEASE) of SQL: what tells kernels of one series apart that are not updates of each other. */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "store-sql.h"

static bool is_all(const char *text, int (*is_kind)(int c))
{
	while (is_kind((unsigned char)*text))
		text++;
	return !*text;
}

/* "rc7", "gabcdef012345", "dirty", "deb13", and what begins with a digit: these change from one build to the next. */
static bool is_of_version(const char *word)
{
	return !isalpha((unsigned char)*word) || !strcmp(word, "dirty") ||
	       (!strncmp(word, "rc", 2) && is_all(word + 2, isdigit)) ||
	       (!strncmp(word, "deb", 3) && is_all(word + 3, isdigit)) ||
	       (*word == 'g' && strlen(word) > 7 && is_all(word + 1, isxdigit));
}

char *kernel_flavour(const char *release)
{
	char *words = xstrdup(release), *rest = words, *word, *flavour = xzalloc(strlen(release) + 1);

	while ((word = strsep(&rest, "-+"))) {
		if (is_of_version(word))
			continue;
		if (*flavour)
			strcat(flavour, "-");
		strcat(flavour, word);
	}
	free(words);
	return flavour;
}

static void flavour(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *release = (const char *)sqlite3_value_text(values[0]);

	(void)count;
	sqlite3_result_text(context, kernel_flavour(release ? release : ""), -1, free);
}

int sql_add_flavour(sqlite3 *db)
{
	return sqlite3_create_function(db, "flavour", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, flavour, NULL, NULL);
}
