// SPDX-License-Identifier: GPL-2.0-only
#include "upstream/words.h"

#include <stdio.h>
#include <string.h>

/* How kselftests say it: TAP, kselftest_harness.h, and of KVM's lib/assert.c the line before. */
static bool tells_of_failure(const char *line)
{
	return !strncmp(line, "not ok ", 7) || !strncmp(line, "Bail out!", 9) || strstr(line, "[FAIL]") ||
	       strstr(line, "FAIL:");
}

void words_take(struct words *words, const char *line)
{
	line += strspn(line, " \t");
	if (!*line)
		return;
	snprintf(words->last, sizeof(words->last), "%s", line);
	if (words->failure[0])
		return;
	if (words->next || tells_of_failure(line))
		snprintf(words->failure, sizeof(words->failure), "%s", line);
	words->next = strstr(line, "Test Assertion Failure");
}

const char *words_failure(const struct words *words)
{
	if (words->failure[0])
		return words->failure;
	return words->last[0] ? words->last : "it said nothing";
}
