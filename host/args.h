/* SPDX-License-Identifier: GPL-2.0-only */
/* An argument list that grows; each argument is the list's own copy. */
#ifndef SPTEST_ARGS_H
#define SPTEST_ARGS_H

#include <stddef.h>

struct args {
	char **v;		/* NULL-terminated */
	size_t count;
};

void args_add(struct args *args, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "--NAME=VALUE"; nothing if there is no value. */
void args_add_option(struct args *args, const char *name, const char *value);
void args_free(struct args *args);

/* One line that a shell reads back as the same words; the caller's to free. */
char *args_quote(const struct args *args);

/* One word for a shell, in single quotes unless it needs none; the caller's to free. */
char *shell_quote(const char *word);

#endif
