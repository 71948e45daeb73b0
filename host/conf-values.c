// SPDX-License-Identifier: GPL-2.0-only
#include "conf-values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

#define PERCENT_MAX 1000

noreturn void conf_refuse(const struct conf *conf, const struct conf_pair *pair, const char *wanted)
{
	die(STATUS_USAGE, "%s:%u: %s = %s: %s is wanted", conf->path, pair->line, pair->key, pair->value,
	    wanted);
}

const struct conf_pair *conf_must_have(const struct conf *conf, const char *key)
{
	const struct conf_pair *pair = conf_find(conf, key);

	if (!pair)
		die(STATUS_USAGE, "%s: no line \"%s = \"", conf->path, key);
	if (!*pair->value)
		conf_refuse(conf, pair, "some text");
	return pair;
}

unsigned int conf_percent(const struct conf *conf, const char *key)
{
	const struct conf_pair *pair = conf_find(conf, key);
	unsigned long percent;
	char *end;

	if (!pair)
		return 0;
	percent = strtoul(pair->value, &end, 10);
	if (!isdigit((unsigned char)*pair->value) || strcmp(end, " %") || percent > PERCENT_MAX)
		conf_refuse(conf, pair, "a percentage (at most 1000), like \"150 %\",");
	return percent;
}

unsigned int conf_count(const struct conf *conf, const char *key, unsigned int max)
{
	const struct conf_pair *pair = conf_find(conf, key);
	unsigned long count;
	char *end;

	if (!pair)
		return 0;
	count = strtoul(pair->value, &end, 10);
	if (!isdigit((unsigned char)*pair->value) || *end || !count || count > max) {
		char *wanted = xasprintf("a number from 1 to %u", max);

		conf_refuse(conf, pair, wanted);
	}
	return count;
}

bool conf_is_word(const struct conf *conf, const char *key, const char *yes, const char *no)
{
	const struct conf_pair *pair = conf_find(conf, key);

	if (pair && strcmp(pair->value, yes) && strcmp(pair->value, no)) {
		char *wanted = xasprintf("%s or %s", yes, no);

		conf_refuse(conf, pair, wanted);
	}
	return pair && !strcmp(pair->value, yes);
}

static bool is_one_of(const char *const list[], const char *key)
{
	while (*list && strcmp(*list, key))
		list++;
	return *list;
}

const char *conf_one_of(const struct conf *conf, const char *key, const char *const words[])
{
	const struct conf_pair *pair = conf_find(conf, key);
	char *wanted;

	if (!pair)
		return words[0];
	if (is_one_of(words, pair->value))
		return pair->value;
	wanted = xstrdup(words[0]);
	for (size_t i = 1; words[i]; i++) {
		char *longer = xasprintf("%s%s%s", wanted, words[i + 1] ? ", " : " or ", words[i]);

		free(wanted);
		wanted = longer;
	}
	conf_refuse(conf, pair, wanted);
}

void conf_check_repeated(const struct conf *conf, const char *const lists[])
{
	for (size_t i = 0; i < conf->count; i++) {
		const struct conf_pair *pair = &conf->pairs[i];

		if (!is_one_of(lists, pair->key) && conf_find(conf, pair->key) != pair)
			die(STATUS_USAGE, "%s:%u: %s a second time", conf->path, pair->line, pair->key);
	}
}
