// SPDX-License-Identifier: GPL-2.0-only
#include "args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

void args_add(struct args *args, const char *fmt, ...)
{
	va_list ap;
	char *word;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&word, fmt, ap);
	va_end(ap);
	if (n < 0)
		die(STATUS_HARNESS, "out of memory");
	args->v = xrealloc(args->v, (args->count + 2) * sizeof(*args->v));
	args->v[args->count++] = word;
	args->v[args->count] = NULL;
}

void args_add_option(struct args *args, const char *name, const char *value)
{
	if (value)
		args_add(args, "--%s=%s", name, value);
}

void args_free(struct args *args)
{
	for (size_t i = 0; i < args->count; i++)
		free(args->v[i]);
	free(args->v);
	*args = (struct args){ 0 };
}

char *shell_quote(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_./=:,+@%";
	char *text;
	size_t size;
	FILE *f;

	if (*word && strspn(word, plain) == strlen(word))
		return xstrdup(word);
	f = open_memstream(&text, &size);
	if (!f)
		die(STATUS_HARNESS, "out of memory");
	fputc('\'', f);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", f);
		else
			fputc(*word, f);
	}
	fputc('\'', f);
	fclose(f);
	return text;
}

char *args_quote(const struct args *args)
{
	char *text, *word;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die(STATUS_HARNESS, "out of memory");
	for (size_t i = 0; i < args->count; i++) {
		word = shell_quote(args->v[i]);
		fprintf(f, "%s%s", i ? " " : "", word);
		free(word);
	}
	fclose(f);
	return text;
}
