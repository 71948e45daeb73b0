// SPDX-License-Identifier: GPL-2.0-only
#include "deadlock-recipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "path.h"
#include "workload-file.h"

#define FOLDER "deadlocks"
#define OPTION "option"

char *recipe_own_path(const char *name)
{
	char *folder, *path;
	int err;

	if (strchr(name, '/'))
		return xstrdup(name);
	folder = path_config(FOLDER);
	err = path_mkdirs(folder);
	if (err)
		die(STATUS_HARNESS, "%s: %s", folder, strerror(-err));
	path = xasprintf("%s/%s", folder, name);
	free(folder);
	return path;
}

char *recipe_find(const char *name)
{
	char *folders[] = { path_config(FOLDER), path_share(FOLDER) }, *found = NULL;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = xasprintf("%s/%s", folders[i], name);

		if (!found && path_exists(path))
			found = path;
		else
			free(path);
		free(folders[i]);
	}
	return found;
}

static void add(struct recipe *recipe, const char *key, const char *value)
{
	recipe->lines = xrealloc(recipe->lines, (recipe->count + 1) * sizeof(*recipe->lines));
	recipe->lines[recipe->count++] = (struct recipe_line){ xstrdup(key), xstrdup(value) };
}

void recipe_load(struct recipe *recipe, const char *path)
{
	struct conf conf;
	int err = conf_load(&conf, path, workload_file_keys);

	*recipe = (struct recipe){ 0 };
	if (err)
		die(STATUS_USAGE, "%s: %s", path, strerror(-err));
	for (size_t i = 0; i < conf.count; i++)
		add(recipe, conf.pairs[i].key, conf.pairs[i].value);
	conf_free(&conf);
}

struct recipe recipe_copy(const struct recipe *recipe)
{
	struct recipe copy = { 0 };

	for (size_t i = 0; i < recipe->count; i++)
		add(&copy, recipe->lines[i].key, recipe->lines[i].value);
	return copy;
}

void recipe_drop(struct recipe *recipe, size_t line)
{
	free(recipe->lines[line].key);
	free(recipe->lines[line].value);
	recipe->count--;
	memmove(&recipe->lines[line], &recipe->lines[line + 1], (recipe->count - line) * sizeof(*recipe->lines));
}

void recipe_free(struct recipe *recipe)
{
	while (recipe->count)
		recipe_drop(recipe, recipe->count - 1);
	free(recipe->lines);
	*recipe = (struct recipe){ 0 };
}

void recipe_write(const struct recipe *recipe, const char *path, const char *comment)
{
	char *text = xasprintf("# %s\n", comment), *longer;
	int err;

	for (size_t i = 0; i < recipe->count; i++) {
		longer = xasprintf("%s%s = %s\n", text, recipe->lines[i].key, recipe->lines[i].value);
		free(text);
		text = longer;
	}
	err = file_write(path, text, strlen(text), 0644);
	if (err)
		die(STATUS_HARNESS, "%s: %s", path, strerror(-err));
	free(text);
}

static struct recipe_line *find(const struct recipe *recipe, const char *key)
{
	for (size_t i = 0; i < recipe->count; i++)
		if (!strcmp(recipe->lines[i].key, key))
			return &recipe->lines[i];
	return NULL;
}

const char *recipe_get(const struct recipe *recipe, const char *key)
{
	const struct recipe_line *line = find(recipe, key);

	return line ? line->value : NULL;
}

void recipe_set(struct recipe *recipe, const char *key, const char *value)
{
	struct recipe_line *line = find(recipe, key);

	if (!line) {
		add(recipe, key, value);
		return;
	}
	free(line->value);
	line->value = xstrdup(value);
}

/* What follows "--NAME=" in that line, or NULL. */
static const char *value_of(const struct recipe_line *line, const char *name)
{
	const size_t length = strlen(name);

	if (strcmp(line->key, OPTION) || strncmp(line->value, "--", 2) || strncmp(line->value + 2, name, length) ||
	    line->value[2 + length] != '=')
		return NULL;
	return line->value + 2 + length + 1;
}

const char *recipe_option(const struct recipe *recipe, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; !value && i < recipe->count; i++)
		value = value_of(&recipe->lines[i], name);
	return value;
}

void recipe_set_option(struct recipe *recipe, const char *name, const char *value)
{
	char *word = value ? xasprintf("--%s=%s", name, value) : NULL;

	for (size_t i = recipe->count; i--;)
		if (value_of(&recipe->lines[i], name))
			recipe_drop(recipe, i);
	if (word)
		add(recipe, OPTION, word);
	free(word);
}

void recipe_add_options(const struct recipe *recipe, struct args *args)
{
	for (size_t i = 0; i < recipe->count; i++)
		if (!strcmp(recipe->lines[i].key, OPTION))
			args_add(args, "%s", recipe->lines[i].value);
}
