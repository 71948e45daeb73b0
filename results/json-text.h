/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as a JSON string. */
#ifndef SPTEST_JSON_TEXT_H
#define SPTEST_JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>

json_t *json_text(const char *text);

/* The document as text, the caller's to free; it takes root. Dies without memory. */
char *json_finish(json_t *root);

/* The same to a file, and a newline. */
void json_print(json_t *root, FILE *out);

#endif
