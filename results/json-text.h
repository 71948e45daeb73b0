/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as a JSON string. */
#ifndef SPTEST_JSON_TEXT_H
#define SPTEST_JSON_TEXT_H

#include <jansson.h>

json_t *json_text(const char *text);

/* The document as text, the caller's to free; it takes root. Dies without memory. */
char *json_finish(json_t *root);

#endif
