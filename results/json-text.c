// SPDX-License-Identifier: GPL-2.0-only
#include "json-text.h"

#include <stdlib.h>

#include "host/die.h"
#include "text.h"

json_t *json_text(const char *text)
{
	char *clean = text_clean(text);
	json_t *value = json_string(clean);

	free(clean);
	return value;
}

char *json_finish(json_t *root)
{
	char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;

	json_decref(root);
	if (!text)
		die(STATUS_HARNESS, "out of memory");
	return text;
}

void json_print(json_t *root, FILE *out)
{
	char *text = json_finish(root);

	fprintf(out, "%s\n", text);
	free(text);
}
