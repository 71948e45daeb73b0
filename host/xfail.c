// SPDX-License-Identifier: GPL-2.0-only
#include "xfail.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "mmu.h"
#include "path.h"
#include "version.h"

static const char *const keys[] = {
	"test", "case", "kernels", "mmu", "verdict", "at", "commit", "reason", NULL,
};

static void item_free(struct xfail *item)
{
	free(item->name);
	free(item->test);
	free(item->cases);
	free(item->kernels);
	free(item->mmu);
	free(item->commit);
	free(item->reason);
	free(item->at);
}

static struct xfail *item_slot(struct xfail_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i].name, name)) {
			item_free(&list->items[i]);
			return &list->items[i];
		}
	list->items = xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
	return &list->items[list->count++];
}

static char *must_have(const struct conf *conf, const char *key)
{
	const char *value = conf_get(conf, key);

	if (!value || !*value)
		die(STATUS_USAGE, "%s: \"%s\" is missing", conf->path, key);
	return xstrdup(value);
}

static char *may_have(const struct conf *conf, const char *key, const char *fallback)
{
	const char *value = conf_get(conf, key);

	if (!value)
		value = fallback;
	return value ? xstrdup(value) : NULL;
}

static void check_item(const struct xfail *item, const char *verdict, const char *path)
{
	const char *modes[MMU_MODES];

	if (!version_are_ranges(item->kernels))
		die(STATUS_USAGE, "%s: kernels = %s: \"6.1\", \"5.10..6.1.50\" and the like are wanted",
		    path, item->kernels);
	if (!mmu_list(item->mmu, modes))
		die(STATUS_USAGE, "%s: mmu = %s: tdp, direct, shadow or all is wanted", path, item->mmu);
	if (item->verdict == VERDICT_COUNT || item->verdict == VERDICT_LOST ||
	    !verdict_is_failure(item->verdict))
		die(STATUS_USAGE, "%s: verdict = %s: no such failure", path, verdict);
	if (!item->cases && item->verdict == VERDICT_FAIL)
		die(STATUS_USAGE, "%s: \"case\" is missing: a failure is that of cases", path);
	if (item->cases && item->verdict != VERDICT_FAIL)
		die(STATUS_USAGE, "%s: a %s befalls the whole test: leave out \"case\"", path, verdict);
	if (!item->at && (item->verdict == VERDICT_SPLAT || item->verdict == VERDICT_PANIC))
		die(STATUS_USAGE, "%s: \"at\" is missing: a %s elsewhere in the kernel is another bug", path,
		    verdict);
	if (item->at && item->verdict == VERDICT_FAIL)
		die(STATUS_USAGE, "%s: at = %s: only what the kernel log tells has a place", path, item->at);
}

static void add_file(struct xfail_list *list, const char *path)
{
	char *copy = xstrdup(path), *name = xstrdup(basename(copy)), *verdict;
	struct xfail *item;
	struct conf conf;
	int err;

	err = conf_load(&conf, path, keys);
	if (err)
		die(STATUS_USAGE, "%s: %s", path, strerror(-err));
	name[strlen(name) - strlen(".conf")] = '\0';
	verdict = may_have(&conf, "verdict", verdict_name(VERDICT_FAIL));
	item = item_slot(list, name);
	*item = (struct xfail){
		.name = name,
		.test = must_have(&conf, "test"),
		.cases = may_have(&conf, "case", NULL),
		.kernels = must_have(&conf, "kernels"),
		.mmu = may_have(&conf, "mmu", "all"),
		.commit = must_have(&conf, "commit"),
		.reason = must_have(&conf, "reason"),
		.at = may_have(&conf, "at", NULL),
		.verdict = verdict_from_name(verdict),
	};
	check_item(item, verdict, path);
	conf_free(&conf);
	free(verdict);
	free(copy);
}

static void add_folder(struct xfail_list *list, char *dir)
{
	char *pattern = xasprintf("%s/*.conf", dir);
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			add_file(list, found.gl_pathv[i]);
		globfree(&found);
	}
	free(pattern);
	free(dir);
}

void xfail_load(struct xfail_list *list)
{
	*list = (struct xfail_list){ 0 };
	add_folder(list, path_share("xfail"));
	add_folder(list, path_config("xfail"));
}

void xfail_free(struct xfail_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		item_free(&list->items[i]);
	free(list->items);
	*list = (struct xfail_list){ 0 };
}
