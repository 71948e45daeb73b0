/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads KTAP (Documentation/dev-tools/ktap.rst) line by line: nested by indentation or by the "# "
 * prefix of kselftest, "KTAP version 1" or "TAP version 13".
 */
#ifndef SPTEST_KTAP_H
#define SPTEST_KTAP_H

#include <stdbool.h>
#include <stddef.h>

enum ktap_status { KTAP_PASS, KTAP_FAIL, KTAP_SKIP, KTAP_XFAIL };

struct ktap_case {
	char *name;		/* outer.inner, made unique with #2, #3 ... */
	enum ktap_status status;
	char *reason;		/* of a skip; of a failure: the diagnostics before its result line; or NULL */
};

struct coverage;
struct ktap;
struct measured_list;

struct ktap *ktap_new(void);
void ktap_free(struct ktap *ktap);

/* One line without its newline. True if it was a result line, which is then the last case. */
bool ktap_feed(struct ktap *ktap, const char *line);

/*
 * NULL if the text holds together, else why not, e.g. "plan says 6, 4 ran", "cut short: no plan",
 * "not KTAP", "duplicate name zap.part", "Bail out! ...". Call it after the last line; the text is
 * the ktap's.
 */
const char *ktap_problem(struct ktap *ktap);

/* "1..0 # SKIP reason": the reason, or NULL. */
const char *ktap_skip_reason(const struct ktap *ktap);

size_t ktap_count(const struct ktap *ktap);
const struct ktap_case *ktap_case(const struct ktap *ktap, size_t i);

/* What a "# KEY: text" diagnostic at the outermost level said last ("witnesses", "seed"), or NULL. */
const char *ktap_remark(const struct ktap *ktap, const char *key);

/* What it said of coverage (coverage.h). */
const struct coverage *ktap_coverage(const struct ktap *ktap);

/* What it said that it measured (measured.h). */
const struct measured_list *ktap_measured(const struct ktap *ktap);

#endif
