// SPDX-License-Identifier: GPL-2.0-only
#include "modules.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "path.h"

struct module {
	char *name;
	const char *path;	/* relative to dir; both point into text */
	char *needs;		/* paths, separated by blanks */
	bool visited;
};

struct modules {
	char *dir, *text;
	struct module *all;
	size_t count;
};

/* "kernel/arch/x86/kvm/kvm-amd.ko.xz" is module kvm_amd. */
static char *module_name(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name = xstrdup(base ? base + 1 : path), *end = strstr(name, ".ko");

	if (end)
		*end = '\0';
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static void add_line(struct modules *modules, char *line)
{
	char *colon = strchr(line, ':');
	struct module *module;

	if (!colon)
		return;
	*colon = '\0';
	modules->all = xrealloc(modules->all, (modules->count + 1) * sizeof(*modules->all));
	module = &modules->all[modules->count++];
	module->name = module_name(line);
	module->path = line;
	module->needs = colon + 1;
	module->visited = false;
}

struct modules *modules_open(const char *dir)
{
	char *path = xasprintf("%s/modules.dep", dir);
	char *text = file_read(path, NULL), *rest = text, *line;
	struct modules *modules;

	free(path);
	if (!text)
		return NULL;
	modules = xzalloc(sizeof(*modules));
	modules->dir = xstrdup(dir);
	modules->text = text;
	while ((line = strsep(&rest, "\n")))
		add_line(modules, line);
	return modules;
}

void modules_close(struct modules *modules)
{
	if (!modules)
		return;
	for (size_t i = 0; i < modules->count; i++)
		free(modules->all[i].name);
	free(modules->all);
	free(modules->text);
	free(modules->dir);
	free(modules);
}

static struct module *find(struct modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->count; i++)
		if (!strcmp(modules->all[i].name, name))
			return &modules->all[i];
	return NULL;
}

static void visit_one(struct modules *modules, const char *word,
		      void (*visit)(void *arg, const char *name, const char *path), void *arg)
{
	char *name = module_name(word), *needs, *rest, *need, *path;
	struct module *module = find(modules, name);

	free(name);
	if (!module || module->visited)
		return;
	module->visited = true;
	rest = needs = xstrdup(module->needs);
	while ((need = strsep(&rest, " ")))
		if (*need)
			visit_one(modules, need, visit, arg);
	free(needs);
	path = xasprintf("%s/%s", modules->dir, module->path);
	visit(arg, module->name, path);
	free(path);
}

void modules_visit(struct modules *modules, const char *const names[], size_t count,
		   void (*visit)(void *arg, const char *name, const char *path), void *arg)
{
	for (size_t i = 0; i < modules->count; i++)
		modules->all[i].visited = false;
	for (size_t i = 0; i < count; i++)
		visit_one(modules, names[i], visit, arg);
}
