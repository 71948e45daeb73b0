// SPDX-License-Identifier: GPL-2.0-only
#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "path.h"

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (isspace((unsigned char)*s))
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return s;
}

static bool is_known(const char *key, const char *const known[])
{
	for (; *known; known++)
		if (!strcmp(key, *known))
			return true;
	return false;
}

static void parse_line(struct conf *conf, char *line, unsigned int number,
		       const char *const known[])
{
	char *equals = strchr(line, '='), *key;

	line = trim(line);
	if (!*line || *line == '#')
		return;
	if (!equals)
		die(STATUS_USAGE, "%s:%u: not \"key = value\": %s", conf->path, number, line);
	*equals = '\0';
	key = trim(line);
	if (!is_known(key, known))
		die(STATUS_USAGE, "%s:%u: unknown key \"%s\"", conf->path, number, key);
	conf->pairs = xrealloc(conf->pairs, (conf->count + 1) * sizeof(*conf->pairs));
	conf->pairs[conf->count++] = (struct conf_pair){ key, trim(equals + 1), number };
}

int conf_load(struct conf *conf, const char *path, const char *const known[])
{
	unsigned int number = 0;
	char *rest, *line;

	memset(conf, 0, sizeof(*conf));
	conf->text = rest = file_read(path, NULL);
	if (!rest)
		return -errno;
	conf->path = xstrdup(path);
	while ((line = strsep(&rest, "\n")))
		parse_line(conf, line, ++number, known);
	return 0;
}

void conf_free(struct conf *conf)
{
	free(conf->path);
	free(conf->text);
	free(conf->pairs);
	memset(conf, 0, sizeof(*conf));
}

const struct conf_pair *conf_find(const struct conf *conf, const char *key)
{
	for (size_t i = 0; i < conf->count; i++)
		if (!strcmp(conf->pairs[i].key, key))
			return &conf->pairs[i];
	return NULL;
}

const char *conf_get(const struct conf *conf, const char *key)
{
	const struct conf_pair *pair = conf_find(conf, key);

	return pair ? pair->value : NULL;
}
