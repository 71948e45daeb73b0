/* SPDX-License-Identifier: GPL-2.0-only */
/* Output of tests and kernels is bytes; JSON and XML want characters. */
#ifndef SPTEST_TEXT_H
#define SPTEST_TEXT_H

#include <stdio.h>

/*
 * A copy that every form can hold: valid UTF-8 of characters that XML 1.0 allows, that no terminal takes for
 * commands and that do not turn the direction of writing, U+FFFD for the rest. "" for NULL. The caller's to free.
 */
char *text_clean(const char *s);

/* The same on one line: spaces for newlines and tabs. */
char *text_clean_line(const char *s);

/* Columns of a terminal that UTF-8 takes; 1 for each byte that is none. */
int text_width(const char *text);

/* The greater of a width and that of a text. */
int text_wider(int width, const char *text);

/* Puts a text and spaces up to a width, as "%-*s" does by bytes. */
void text_put(FILE *out, const char *text, int width);

#endif
