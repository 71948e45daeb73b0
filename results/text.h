/* SPDX-License-Identifier: GPL-2.0-only */
/* Output of tests and kernels is bytes; JSON and XML want characters. */
#ifndef SPTEST_TEXT_H
#define SPTEST_TEXT_H

/*
 * A copy that every form can hold: valid UTF-8 of characters that XML 1.0 allows and that no terminal takes
 * for commands, U+FFFD for the rest. "" for NULL. The caller's to free.
 */
char *text_clean(const char *s);

/* The same on one line: spaces for newlines and tabs. */
char *text_clean_line(const char *s);

#endif
