// SPDX-License-Identifier: GPL-2.0-only
#include "mutant-list.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "machine-options.h"
#include "path.h"
#include "results/mutants.h"

static const char *const keys[] = { "text", "commit", "tests", "append", "timeout", NULL };

int mutant_matches(const char *globs, const char *name)
{
	char *copy = xstrdup(globs), *rest = copy, *pattern;
	int found = 0;

	while (!found && (pattern = strsep(&rest, ", ")))
		found = *pattern && !fnmatch(pattern, name, 0);
	free(copy);
	return found;
}

static void set(char **field, const struct conf *conf, const char *key)
{
	const char *value = conf_get(conf, key);

	free(*field);
	*field = xstrdup(value ? value : "");
}

static void add_file(struct mutants *mutants, const char *path, const char *only)
{
	const char *base = strrchr(path, '/') + 1;
	char *name = strndup(base, strlen(base) - strlen(".conf"));
	struct mutant *mutant = mutants_get(mutants, name);
	struct conf conf;
	int err;

	if (only && !mutant_matches(only, name))
		goto out;
	err = conf_load(&conf, path, keys);
	if (err)
		die(STATUS_USAGE, "%s: %s", path, strerror(-err));
	if (!conf_get(&conf, "text"))
		die(STATUS_USAGE, "%s: needs \"text\": what it stands for", path);
	if (!mutant)
		mutant = mutants_add(mutants, name);
	set(&mutant->text, &conf, "text");
	set(&mutant->commit, &conf, "commit");
	set(&mutant->prefer, &conf, "tests");
	set(&mutant->append, &conf, "append");
	set(&mutant->timeout, &conf, "timeout");
	if (mutant->timeout[0])
		option_number("timeout", mutant->timeout, 1, 86400);
	conf_free(&conf);
out:
	free(name);
}

static void add_folder(struct mutants *mutants, char *folder, const char *only)
{
	char *pattern = xasprintf("%s/*.conf", folder);
	glob_t found;

	if (!glob(pattern, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			add_file(mutants, found.gl_pathv[i], only);
		globfree(&found);
	}
	free(pattern);
	free(folder);
}

void mutant_list_load(struct mutants *mutants, const char *only)
{
	add_folder(mutants, path_share("mutants"), only);
	add_folder(mutants, path_config("mutants"), only);
}
