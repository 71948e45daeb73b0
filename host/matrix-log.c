// SPDX-License-Identifier: GPL-2.0-only
#include "matrix-log.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "hash.h"
#include "matrix.h"
#include "matrix-suites.h"
#include "path.h"
#include "results/text.h"

#define PREFIX "sptest: "
#define WORD_MAX 80	/* of a kernel's word in a file name, which has room for 255 */

/* Versions stay as they are; a path, or what else no file name should hold, is told from others by a hash. */
static char *file_word(const char *kernel)
{
	bool plain = *kernel && strlen(kernel) <= WORD_MAX;
	char *word = xasprintf("%.*s", WORD_MAX, kernel), *unique, hex[17];

	for (char *c = word; *c; c++) {
		if (isascii(*c) && (isalnum((unsigned char)*c) || strchr("._+-", *c)))
			continue;
		*c = '_';
		plain = false;
	}
	if (plain)
		return word;
	hash_format(hash_add_string(HASH_START, kernel), hex);
	unique = xasprintf("%s-%s", word, hex);
	free(word);
	return unique;
}

char *matrix_log_path(const struct matrix *matrix, const struct cell *cell)
{
	bool check = !strcmp(cell->suite, SUITE_CHECK);
	char *word = file_word(cell->kernel);
	char *path = xasprintf("%s/matrix-%s-%s%s%s.log", matrix->options.out, word, cell->mmu, check ? "" : "-",
			       check ? "" : cell->suite);

	free(word);
	return path;
}

char *matrix_log_reason(const char *path, int status)
{
	char *log = file_read(path, NULL), *rest = log, *line, *last = NULL, *clean;

	while ((line = strsep(&rest, "\n")))
		if (*line && (!last || !strncmp(line, PREFIX, strlen(PREFIX)) || strncmp(last, PREFIX, strlen(PREFIX))))
			last = line;
	if (status < 0 || status > 128)
		clean = status < 0 ? xasprintf("it did not start: %s", strerror(-status)) :
				     xasprintf("ended by signal %d", status - 128);
	else if (last)
		clean = text_clean_line(last + (strncmp(last, PREFIX, strlen(PREFIX)) ? 0 : strlen(PREFIX)));
	else
		clean = xasprintf("exit status %d, and no word why", status);
	free(log);
	return clean;
}
