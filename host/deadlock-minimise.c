// SPDX-License-Identifier: GPL-2.0-only
#include "deadlock-minimise.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "duration.h"

/* What gets half of what it was while that is not below the least; 0: the line may go as a whole. */
static const struct smaller {
	const char *key, *unit;
	unsigned int least;
} smaller[] = {
	{ "guests", "", 1 },
	{ "memhog", " %", 0 },
	{ "pattern", " %", 5 },
	{ "guest", " %", 40 },
	{ "swap", " %", 100 },
};

#define SECONDS_LEAST 5

/* Takes the place of *recipe if the judge says so; else it is freed. */
static bool take(struct recipe *recipe, struct recipe *other, const char *what, recipe_judge *judge, void *context)
{
	const bool taken = judge(other, what, context);

	recipe_free(taken ? recipe : other);
	if (taken)
		*recipe = *other;
	return taken;
}

static bool try_value(struct recipe *recipe, const struct smaller *rule, unsigned int value, recipe_judge *judge,
		      void *context)
{
	struct recipe other = recipe_copy(recipe);
	char *text = xasprintf("%u%s", value, rule->unit);
	char *what = xasprintf("%s %s instead of %s", rule->key, text, recipe_get(recipe, rule->key));
	bool taken;

	recipe_set(&other, rule->key, text);
	taken = take(recipe, &other, what, judge, context);
	free(what);
	free(text);
	return taken;
}

static bool try_without(struct recipe *recipe, size_t line, recipe_judge *judge, void *context)
{
	struct recipe other = recipe_copy(recipe);
	char *what = xasprintf("without %s = %s", recipe->lines[line].key, recipe->lines[line].value);
	bool taken;

	recipe_drop(&other, line);
	taken = take(recipe, &other, what, judge, context);
	free(what);
	return taken;
}

static unsigned int halve(struct recipe *recipe, const struct smaller *rule, recipe_judge *judge, void *context)
{
	const char *text = recipe_get(recipe, rule->key);
	unsigned int value = text ? strtoul(text, NULL, 10) : 0, taken = 0;

	for (size_t i = 0; !rule->least && i < recipe->count; i++)
		if (!strcmp(recipe->lines[i].key, rule->key) && try_without(recipe, i, judge, context))
			return 1;
	while (value / 2 && value / 2 >= rule->least && try_value(recipe, rule, value / 2, judge, context)) {
		value /= 2;
		taken++;
	}
	return taken;
}

/* The last one stays: a guest without work proves nothing. */
static unsigned int drop_jobs(struct recipe *recipe, recipe_judge *judge, void *context)
{
	unsigned int jobs = 0, taken = 0;

	for (size_t i = 0; i < recipe->count; i++)
		jobs += !strcmp(recipe->lines[i].key, "job");
	for (size_t i = recipe->count; i-- && jobs > 1;) {
		if (strcmp(recipe->lines[i].key, "job") || !try_without(recipe, i, judge, context))
			continue;
		jobs--;
		taken++;
	}
	return taken;
}

/* "a,b,c" without the n-th, the caller's to free, NULL if there is none so far; *name: that one, as well. */
static char *list_without(const char *list, unsigned int n, char **name)
{
	char *copy = xstrdup(list), *rest = copy, *word, *kept = xstrdup("");

	*name = NULL;
	for (unsigned int i = 0; (word = strsep(&rest, ",")); i++) {
		char *longer;

		if (i == n) {
			*name = xstrdup(word);
			continue;
		}
		longer = xasprintf("%s%s%s", kept, *kept ? "," : "", word);
		free(kept);
		kept = longer;
	}
	free(copy);
	if (*name)
		return kept;
	free(kept);
	return NULL;
}

static unsigned int drop_pressures(struct recipe *recipe, recipe_judge *judge, void *context)
{
	unsigned int at = 0, taken = 0;
	const char *list;
	char *fewer, *name;

	while ((list = recipe_option(recipe, "pressure")) && (fewer = list_without(list, at, &name))) {
		struct recipe other = recipe_copy(recipe);
		char *what = xasprintf("without the pressure %s", name);

		recipe_set_option(&other, "pressure", *fewer ? fewer : NULL);
		if (take(recipe, &other, what, judge, context))
			taken++;
		else
			at++;
		free(what);
		free(fewer);
		free(name);
	}
	return taken;
}

static unsigned int shorten(struct recipe *recipe, recipe_judge *judge, void *context)
{
	const char *text = recipe_option(recipe, "duration");
	unsigned int seconds, taken = 0;
	bool more = text && duration_parse(text, &seconds);

	while (more && seconds / 2 >= SECONDS_LEAST) {
		struct recipe other = recipe_copy(recipe);
		char *shorter = xasprintf("%us", seconds / 2);
		char *what = xasprintf("%s instead of %us", shorter, seconds);

		recipe_set_option(&other, "duration", shorter);
		more = take(recipe, &other, what, judge, context);
		taken += more;
		seconds /= 2;
		free(what);
		free(shorter);
	}
	return taken;
}

unsigned int recipe_minimise(struct recipe *recipe, recipe_judge *judge, void *context)
{
	unsigned int taken = drop_pressures(recipe, judge, context);

	taken += drop_jobs(recipe, judge, context);
	for (size_t i = 0; i < sizeof(smaller) / sizeof(smaller[0]); i++)
		taken += halve(recipe, &smaller[i], judge, context);
	return taken + shorten(recipe, judge, context);
}
