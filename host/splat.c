// SPDX-License-Identifier: GPL-2.0-only
#include "splat.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "klog.h"
#include "path.h"

struct pattern {
	regex_t regex;
	char *reason;
	bool panic;
};

static struct pattern *patterns;
static size_t pattern_count;

static void add_pattern(const char *file, unsigned int number, char *line)
{
	char *kind = strsep(&line, "\t"), *regex = strsep(&line, "\t");
	bool panic = !strcmp(kind, "panic");
	struct pattern *pattern;
	char text[200];
	int err;

	if (!regex || !line || !*line || (!panic && strcmp(kind, "splat")))
		die(STATUS_USAGE, "%s:%u: not \"panic|splat <tab> regex <tab> reason\"", file, number);
	patterns = xrealloc(patterns, (pattern_count + 1) * sizeof(*patterns));
	pattern = &patterns[pattern_count];
	err = regcomp(&pattern->regex, regex, REG_EXTENDED | REG_NOSUB);
	if (err) {
		regerror(err, &pattern->regex, text, sizeof(text));
		die(STATUS_USAGE, "%s:%u: %s: \"%s\"", file, number, text, regex);
	}
	pattern->reason = xstrdup(line);
	pattern->panic = panic;
	pattern_count++;
}

void splat_load_file(const char *path)
{
	char *text = file_read(path, NULL), *rest = text, *line;

	if (!text)
		die(STATUS_USAGE, "%s: %s: build or install sptest again", path, strerror(errno));
	for (unsigned int number = 1; (line = strsep(&rest, "\n")); number++)
		if (*line && *line != '#')
			add_pattern(path, number, line);
	free(text);
}

void splat_load(void)
{
	char *path = path_share("splats");

	splat_load_file(path);
	free(path);
}

static const struct pattern *find_pattern(const char *line)
{
	const char *message = klog_message(line);

	for (size_t i = 0; *message && i < pattern_count; i++)
		if (!regexec(&patterns[i].regex, message, 0, NULL, 0))
			return &patterns[i];
	return NULL;
}

const char *splat_match(const char *line)
{
	const struct pattern *pattern = find_pattern(line);

	return pattern ? pattern->reason : NULL;
}

bool splat_is_panic(const char *line)
{
	const struct pattern *pattern = find_pattern(line);

	return pattern && pattern->panic;
}

bool splat_is_oops(const char *line)
{
	const char *message = klog_message(line);

	return !strncmp(message, "Oops:", 5) || !strncmp(message, "Oops -", 6);
}
