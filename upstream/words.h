/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a program's output says why it ended as it did. */
#ifndef SPTEST_UPSTREAM_WORDS_H
#define SPTEST_UPSTREAM_WORDS_H

#include <stdbool.h>

#define WORDS_SIZE 256

struct words {
	char failure[WORDS_SIZE];	/* the first line that tells of a failure, or "" */
	char last[WORDS_SIZE];		/* the last line that is not empty, or "" */
	bool next;			/* what failed stands in the line to come */
};

/* line: without its newline. */
void words_take(struct words *words, const char *line);

/* The reason of a failure, in a line; never empty. */
const char *words_failure(const struct words *words);

#endif
