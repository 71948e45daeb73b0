/* SPDX-License-Identifier: GPL-2.0-only */
/* One line of KTAP, without regard to what came before it. */
#ifndef SPTEST_KTAP_LINE_H
#define SPTEST_KTAP_LINE_H

#include <stdbool.h>

#include "ktap.h"

enum ktap_kind {
	KTAP_VERSION,
	KTAP_PLAN,
	KTAP_RESULT,
	KTAP_BAIL_OUT,
	KTAP_DIAGNOSTIC,	/* "# text" */
	KTAP_UNKNOWN,		/* allowed anywhere, means nothing */
};

struct ktap_line {
	enum ktap_kind kind;
	enum ktap_status status;	/* of a result */
	unsigned long number;		/* of a plan; of a result, 0 if it has none */
	bool skip;			/* a plan with # SKIP */
	char *name;			/* of a result: unescaped, at most KTAP_NAME_MAX bytes, or NULL */
	char *text;			/* reason, or the diagnostic without its "# ", or NULL */
};

#define KTAP_NAME_MAX 200

/* line: after the prefix of its level, without newline. */
void ktap_line_parse(struct ktap_line *parsed, const char *line);
void ktap_line_release(struct ktap_line *parsed);

#endif
