// SPDX-License-Identifier: GPL-2.0-only
#include "ktap-line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/die.h"

static const char *skip_space(const char *s)
{
	return s + strspn(s, " \t");
}

/* s without space at either end; NULL if nothing is left. */
static char *trimmed(const char *s, size_t length)
{
	while (length && isspace((unsigned char)*s)) {
		s++;
		length--;
	}
	while (length && isspace((unsigned char)s[length - 1]))
		length--;
	return length ? xasprintf("%.*s", (int)length, s) : NULL;
}

/* The word at the start of s in any case, then space, a colon or the end; what follows, or NULL. */
static const char *after_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(s, word, n) || (s[n] && !strchr(" \t:", s[n])))
		return NULL;
	return s[n] == ':' ? s + n + 1 : s + n;
}

/* The '#' that ends the description: the first one without a backslash before it. */
static const char *find_directive(const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' && s[1])
			s++;
		else if (*s == '#')
			return s;
	}
	return NULL;
}

/* "\#" is '#', "\\" is '\'. */
static void unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (*s == '\\' && (s[1] == '#' || s[1] == '\\'))
			s++;
		*out++ = *s;
	}
	*out = '\0';
}

static bool parse_version(const char *line)
{
	const char *number = !strncmp(line, "KTAP version ", 13) ? line + 13 :
			     !strncmp(line, "TAP version ", 12) ? line + 12 : NULL;

	return number && isdigit((unsigned char)*number);
}

static bool parse_plan(struct ktap_line *parsed, const char *line)
{
	const char *directive, *reason;
	char *end;

	if (strncmp(line, "1..", 3) || !isdigit((unsigned char)line[3]))
		return false;
	parsed->number = strtoul(line + 3, &end, 10);
	directive = skip_space(end);
	if (*directive && *directive != '#')
		return false;
	reason = *directive ? after_word(skip_space(directive + 1), "skip") : NULL;
	if (reason) {
		parsed->skip = true;
		parsed->text = trimmed(reason, strlen(reason));
	}
	return true;
}

/*
 * SKIP counts with either result. A "not ok" that was announced by XFAIL or TODO is none, an "ok"
 * with XFAIL is how kselftest.h prints an expected failure. TIMEOUT and ERROR stay in the reason.
 */
static void parse_directive(struct ktap_line *parsed, const char *directive)
{
	const char *s = skip_space(directive), *reason;

	if ((reason = after_word(s, "skip")))
		parsed->status = KTAP_SKIP;
	else if ((reason = after_word(s, "xfail")))
		parsed->status = KTAP_XFAIL;
	else if ((reason = after_word(s, "todo")) && parsed->status == KTAP_FAIL)
		parsed->status = KTAP_XFAIL;
	parsed->text = trimmed(reason ? reason : s, strlen(reason ? reason : s));
}

static bool parse_result(struct ktap_line *parsed, const char *line)
{
	bool ok = !strncmp(line, "ok", 2);
	const char *s = line + (ok ? 2 : 6), *directive;
	char *end;

	if (!ok && strncmp(line, "not ok", 6))
		return false;
	if (*s && *s != ' ')
		return false;
	parsed->status = ok ? KTAP_PASS : KTAP_FAIL;
	s = skip_space(s);
	if (isdigit((unsigned char)*s)) {
		parsed->number = strtoul(s, &end, 10);
		s = skip_space(end);
	}
	if (!strncmp(s, "- ", 2))
		s += 2;
	directive = find_directive(s);
	parsed->name = trimmed(s, directive ? (size_t)(directive - s) : strlen(s));
	if (directive)
		parse_directive(parsed, directive + 1);
	/* kselftest.h prints "ok 3 # SKIP name and reason" */
	if (!parsed->name && parsed->text)
		parsed->name = xstrdup(parsed->text);
	if (parsed->name) {
		unescape(parsed->name);
		parsed->name[strnlen(parsed->name, KTAP_NAME_MAX)] = '\0';
	}
	return true;
}

void ktap_line_parse(struct ktap_line *parsed, const char *line)
{
	*parsed = (struct ktap_line){ .kind = KTAP_UNKNOWN };
	if (parse_version(line)) {
		parsed->kind = KTAP_VERSION;
	} else if (parse_plan(parsed, line)) {
		parsed->kind = KTAP_PLAN;
	} else if (parse_result(parsed, line)) {
		parsed->kind = KTAP_RESULT;
	} else if (!strncmp(line, "Bail out!", 9)) {
		parsed->kind = KTAP_BAIL_OUT;
		parsed->text = trimmed(line + 9, strlen(line + 9));
	} else if (*line == '#') {
		parsed->kind = KTAP_DIAGNOSTIC;
		parsed->text = trimmed(line + 1, strlen(line + 1));
	}
}

void ktap_line_release(struct ktap_line *parsed)
{
	free(parsed->name);
	free(parsed->text);
}
