// SPDX-License-Identifier: GPL-2.0-only
#include "ktap.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "coverage.h"
#include "ktap-line.h"
#include "measured.h"

#define DEPTH_MAX 16		/* deeper version lines are ordinary text */
#define DIAGNOSTICS_MAX 4096	/* bytes kept of what is said before one result */

/* A nested text: all of its lines begin with its prefix, any mix of "  " and "# ". */
struct level {
	char *prefix;
	char *diagnostics;	/* since the last result, lines joined by newlines, or NULL */
	size_t first_case;
	unsigned long results, plan;
	bool planned;
};

struct entry {
	struct ktap_case c;
	size_t level;	/* a name is unique among its level's; outer names come with the outer result */
};

struct remark {
	char *key, *text;
};

struct ktap {
	struct level levels[DEPTH_MAX];
	size_t depth;		/* levels open, at least the outermost */
	struct entry *entries;
	size_t count;
	struct remark *remarks;
	size_t remark_count;
	struct coverage coverage;
	struct measured_list measured;
	char *skip_reason;
	char *problem;		/* the first */
	bool version;		/* seen at the outermost level */
};

struct ktap *ktap_new(void)
{
	struct ktap *ktap = xzalloc(sizeof(*ktap));

	ktap->levels[0].prefix = xstrdup("");
	ktap->depth = 1;
	return ktap;
}

static void close_level(struct ktap *ktap)
{
	struct level *level = &ktap->levels[--ktap->depth];

	free(level->prefix);
	free(level->diagnostics);
	*level = (struct level){ 0 };
}

void ktap_free(struct ktap *ktap)
{
	if (!ktap)
		return;
	while (ktap->depth)
		close_level(ktap);
	for (size_t i = 0; i < ktap->count; i++) {
		free(ktap->entries[i].c.name);
		free(ktap->entries[i].c.reason);
	}
	for (size_t i = 0; i < ktap->remark_count; i++) {
		free(ktap->remarks[i].key);
		free(ktap->remarks[i].text);
	}
	coverage_release(&ktap->coverage);
	measured_release(&ktap->measured);
	free(ktap->entries);
	free(ktap->remarks);
	free(ktap->skip_reason);
	free(ktap->problem);
	free(ktap);
}

static void __attribute__((format(printf, 2, 3))) report(struct ktap *ktap, const char *fmt, ...)
{
	va_list ap;

	if (ktap->problem)
		return;
	va_start(ap, fmt);
	if (vasprintf(&ktap->problem, fmt, ap) < 0)
		die(STATUS_HARNESS, "out of memory");
	va_end(ap);
}

/* What is for programs, or goes on while nothing is wrong, is no reason for a failure. */
static bool is_beside(const char *text)
{
	static const char *const kinds[] = { "covers ", "coverable ", "figure ", "progress " };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(text, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

static void add_diagnostic(struct level *level, const char *text)
{
	size_t used = level->diagnostics ? strlen(level->diagnostics) : 0;
	char *joined;

	if (!text || used >= DIAGNOSTICS_MAX || is_beside(text))
		return;
	joined = xasprintf("%s%s%.*s", used ? level->diagnostics : "", used ? "\n" : "",
			   (int)(DIAGNOSTICS_MAX - used), text);
	free(level->diagnostics);
	level->diagnostics = joined;
}

static void forget_diagnostics(struct level *level)
{
	free(level->diagnostics);
	level->diagnostics = NULL;
}

/* "key: text", the key in lower case. */
static void add_remark(struct ktap *ktap, const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz_-");
	struct remark *remark = NULL;

	if (!length || strncmp(text + length, ": ", 2))
		return;
	for (size_t i = 0; i < ktap->remark_count && !remark; i++)
		if (!strncmp(ktap->remarks[i].key, text, length) && !ktap->remarks[i].key[length])
			remark = &ktap->remarks[i];
	if (!remark) {
		ktap->remarks = xrealloc(ktap->remarks,
					 (ktap->remark_count + 1) * sizeof(*ktap->remarks));
		remark = &ktap->remarks[ktap->remark_count++];
		*remark = (struct remark){ .key = xasprintf("%.*s", (int)length, text) };
	}
	free(remark->text);
	remark->text = xstrdup(text + length + 2);
}

static bool name_taken(const struct ktap *ktap, const char *name, size_t level)
{
	for (size_t i = ktap->levels[level].first_case; i < ktap->count; i++)
		if (ktap->entries[i].level == level && !strcmp(ktap->entries[i].c.name, name))
			return true;
	return false;
}

/* Takes name, gives it or name#2, name#3 ... */
static char *unique_name(struct ktap *ktap, char *name, size_t level)
{
	char *unique = xstrdup(name);

	if (name_taken(ktap, name, level))
		report(ktap, "duplicate name %s", name);
	for (unsigned int i = 2; name_taken(ktap, unique, level); i++) {
		free(unique);
		unique = xasprintf("%s#%u", name, i);
	}
	free(name);
	return unique;
}

/* The outer result line ends the levels within: their cases get its name in front. */
static void adopt_inner(struct ktap *ktap, size_t level, size_t first_inner, const char *outer)
{
	for (size_t i = first_inner; i < ktap->count; i++) {
		struct entry *entry = &ktap->entries[i];
		char *full = xasprintf("%s.%s", outer, entry->c.name);

		free(entry->c.name);
		entry->c.name = unique_name(ktap, full, level);
		entry->level = level;
	}
}

static void check_plan(struct ktap *ktap, const struct level *level, const char *name)
{
	const char *within = name ? " in " : "";

	name = name ? name : "";
	if (!level->planned)
		report(ktap, "cut short%s%s: no plan", within, name);
	else if (level->plan != level->results)
		report(ktap, "plan says %lu, %lu ran%s%s", level->plan, level->results, within, name);
}

/* Ends everything deeper than level; returns the first case within. */
static size_t end_inner(struct ktap *ktap, size_t level, const char *outer)
{
	size_t first = ktap->count;

	if (ktap->depth > level + 2)
		report(ktap, "cut short: nested results without an outer one");
	while (ktap->depth > level + 1) {
		struct level *inner = &ktap->levels[ktap->depth - 1];

		check_plan(ktap, inner, outer);
		first = inner->first_case;
		close_level(ktap);
	}
	return first;
}

static char *result_reason(struct level *level, struct ktap_line *line)
{
	char *reason;

	if (line->status == KTAP_PASS)
		return NULL;
	if (line->status == KTAP_FAIL)
		add_diagnostic(level, line->text);
	reason = line->status == KTAP_FAIL ? level->diagnostics : line->text;
	return reason ? xstrdup(reason) : NULL;
}

static void add_result(struct ktap *ktap, size_t depth, struct ktap_line *line)
{
	struct level *level = &ktap->levels[depth];
	char *name = line->name ? line->name : xasprintf("%lu", level->results + 1);
	size_t first_inner = end_inner(ktap, depth, name);
	struct entry *entry;

	line->name = NULL;
	level->results++;
	if (line->number && line->number != level->results)
		report(ktap, "result %lu has the number %lu", level->results, line->number);
	name = unique_name(ktap, name, depth);
	adopt_inner(ktap, depth, first_inner, name);
	ktap->entries = xrealloc(ktap->entries, (ktap->count + 1) * sizeof(*ktap->entries));
	entry = &ktap->entries[ktap->count++];
	*entry = (struct entry){
		.c = { .name = name, .status = line->status, .reason = result_reason(level, line) },
		.level = depth,
	};
	forget_diagnostics(level);
}

static void add_plan(struct ktap *ktap, size_t depth, const struct ktap_line *line)
{
	struct level *level = &ktap->levels[depth];

	if (level->planned)
		report(ktap, "a second plan");
	level->planned = true;
	level->plan = line->number;
	if (!level->results)	/* what was said so far is about the whole test */
		forget_diagnostics(level);
	if (depth == 0 && line->skip && !ktap->skip_reason)
		ktap->skip_reason = xstrdup(line->text ? line->text : "no reason given");
}

/* A version line with a longer prefix than any open level's begins a new one. */
static bool open_level(struct ktap *ktap, size_t outer, const char *line)
{
	size_t length = strlen(ktap->levels[outer].prefix);
	struct ktap_line parsed;
	bool version;

	while (!strncmp(line + length, "  ", 2) || !strncmp(line + length, "# ", 2))
		length += 2;
	ktap_line_parse(&parsed, line + length);
	version = parsed.kind == KTAP_VERSION;
	ktap_line_release(&parsed);
	if (!version || length == strlen(ktap->levels[outer].prefix) || outer + 1 == DEPTH_MAX)
		return false;
	while (ktap->depth > outer + 1) {
		report(ktap, "cut short: nested results without an outer one");
		close_level(ktap);
	}
	ktap->levels[ktap->depth++] = (struct level){
		.prefix = xasprintf("%.*s", (int)length, line),
		.first_case = ktap->count,
	};
	return true;
}

/* Takes the line as one of this level's; false if it means nothing there. */
static bool feed_level(struct ktap *ktap, size_t depth, struct ktap_line *line)
{
	switch (line->kind) {
	case KTAP_VERSION:
		if (depth || ktap->version)
			report(ktap, "a second version line");
		ktap->version = true;
		return true;
	case KTAP_PLAN:
		add_plan(ktap, depth, line);
		return true;
	case KTAP_RESULT:
		add_result(ktap, depth, line);
		return true;
	case KTAP_BAIL_OUT:
		free(ktap->problem);	/* it is the reason for all that is missing */
		ktap->problem = xasprintf("Bail out!%s%s", line->text ? " " : "",
					  line->text ? line->text : "");
		return true;
	case KTAP_DIAGNOSTIC:
		add_diagnostic(&ktap->levels[depth], line->text);
		if (!depth && line->text) {
			add_remark(ktap, line->text);
			coverage_take(&ktap->coverage, line->text);
			measured_take(&ktap->measured, line->text);
		}
		return true;
	case KTAP_UNKNOWN:
		break;
	}
	return false;
}

static bool feed(struct ktap *ktap, const char *line)
{
	struct ktap_line parsed;

	for (size_t i = ktap->depth; i-- > 0;) {
		size_t length = strlen(ktap->levels[i].prefix);
		bool taken, result;

		if (strncmp(line, ktap->levels[i].prefix, length))
			continue;
		if (open_level(ktap, i, line))
			return false;
		ktap_line_parse(&parsed, line + length);
		result = parsed.kind == KTAP_RESULT;
		taken = feed_level(ktap, i, &parsed);
		ktap_line_release(&parsed);
		if (taken)
			return result;
	}
	add_diagnostic(&ktap->levels[ktap->depth - 1], line);
	return false;
}

bool ktap_feed(struct ktap *ktap, const char *line)
{
	size_t length = strlen(line);
	char *copy;
	bool result;

	if (!length || line[length - 1] != '\r')
		return feed(ktap, line);
	copy = xstrdup(line);
	copy[length - 1] = '\0';
	result = feed(ktap, copy);
	free(copy);
	return result;
}

const char *ktap_problem(struct ktap *ktap)
{
	const struct level *outermost = &ktap->levels[0];

	if (!ktap->version)
		report(ktap, "not KTAP: no version line");
	if (ktap->depth > 1)
		report(ktap, "cut short: nested results without an outer one");
	check_plan(ktap, outermost, NULL);
	if (!outermost->results && !ktap->skip_reason)
		report(ktap, "no result and no reason for a skip");
	return ktap->problem;
}

const char *ktap_skip_reason(const struct ktap *ktap)
{
	return ktap->skip_reason;
}

size_t ktap_count(const struct ktap *ktap)
{
	return ktap->count;
}

const struct ktap_case *ktap_case(const struct ktap *ktap, size_t i)
{
	return &ktap->entries[i].c;
}

const char *ktap_remark(const struct ktap *ktap, const char *key)
{
	for (size_t i = 0; i < ktap->remark_count; i++)
		if (!strcmp(ktap->remarks[i].key, key))
			return ktap->remarks[i].text;
	return NULL;
}

const struct coverage *ktap_coverage(const struct ktap *ktap)
{
	return &ktap->coverage;
}

const struct measured_list *ktap_measured(const struct ktap *ktap)
{
	return &ktap->measured;
}
