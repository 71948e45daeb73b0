// SPDX-License-Identifier: GPL-2.0-only
#include "verdict.h"

#include <string.h>

static const char *const names[VERDICT_COUNT] = {
	[VERDICT_PASS] = "pass",
	[VERDICT_FAIL] = "fail",
	[VERDICT_SKIP] = "skip",
	[VERDICT_TIMEOUT] = "timeout",
	[VERDICT_HANG] = "hang",
	[VERDICT_PANIC] = "panic",
	[VERDICT_SPLAT] = "splat",
	[VERDICT_LOST] = "lost",
	[VERDICT_XFAIL] = "xfail",
	[VERDICT_XPASS] = "xpass",
};

const char *verdict_name(enum verdict verdict)
{
	return verdict < VERDICT_COUNT ? names[verdict] : "?";
}

enum verdict verdict_from_name(const char *name)
{
	enum verdict verdict;

	for (verdict = 0; verdict < VERDICT_COUNT; verdict++)
		if (!strcmp(names[verdict], name))
			break;
	return verdict;
}

bool verdict_is_failure(enum verdict verdict)
{
	return verdict != VERDICT_PASS && verdict != VERDICT_SKIP && verdict != VERDICT_XFAIL &&
	       verdict != VERDICT_XPASS;
}
