// SPDX-License-Identifier: GPL-2.0-only
#include "lib/mutant.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/sysfile.h"

#define MUTANTS "/sys/kernel/debug/mutants"
#define SITES "/sys/kernel/debug/mmu_notifier_sites"
#define NAME_SIZE 128

struct site {
	unsigned int id;
	char kind[32], name[3 * NAME_SIZE];	/* FUNCTION@FILE:LINE */
	long hits;
};

/* Ends the test in the words of KTAP: the line is its verdict's reason. */
static void bail_out(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("Bail out! ");
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
}

static const char *chosen(void)
{
	const char *name = getenv("SPTEST_MUTANT");

	return name && *name ? name : NULL;
}

static bool switch_to(const char *path, const char *on, const char *off)
{
	int err;

	keeper_add(UNDO_WRITE, path, off);
	err = sysfile_write(path, on);
	if (err)
		bail_out("%s: \"%s\": %s", path, on, strerror(-err));
	return !err;
}

/* Calls fn with each line of a file until it returns true; false: it never did. */
static bool each_line(const char *path, bool (*fn)(char *line, void *arg), void *arg)
{
	char *text = sysfile_load(path, NULL), *rest = text, *line;
	bool found = false;

	while (!found && (line = strsep(&rest, "\n")))
		found = *line && fn(line, arg);
	free(text);
	return found;
}

/* "ID KIND FUNCTION FILE:LINE EVENT MODE ARG HITS OPEN LONGEST_NS" */
static bool parse_site(const char *line, struct site *site)
{
	char function[NAME_SIZE], place[NAME_SIZE];
	const char *file;

	if (sscanf(line, "%u %31s %127s %127s %*d %*s %*u %ld", &site->id, site->kind, function,
		   place, &site->hits) != 5)
		return false;
	file = strrchr(place, '/');
	snprintf(site->name, sizeof(site->name), "%s@%s", function, file ? file + 1 : place);
	return true;
}

struct wanted {
	struct site site;
	char name[NAME_SIZE * 2];
};

static bool is_wanted(char *line, void *arg)
{
	struct wanted *wanted = arg;

	return parse_site(line, &wanted->site) &&
	       !strcmp(wanted->site.name, wanted->name);
}

static bool find_site(struct wanted *wanted, const char *name, char mode[NAME_SIZE])
{
	unsigned int line;
	char place[NAME_SIZE];

	if (sscanf(name, "site:%127[^:]:%u:%127s", place, &line, mode) != 3) {
		bail_out("mutant %s: not site:FUNCTION@FILE:LINE:MODE", name);
		return false;
	}
	snprintf(wanted->name, sizeof(wanted->name), "%s:%u", place, line);
	if (each_line(SITES, is_wanted, wanted))
		return true;
	bail_out("mutant %s: not in " SITES " of this kernel", name);
	return false;
}

static bool set_site(const char *name)
{
	struct wanted wanted = { 0 };
	char mode[NAME_SIZE], on[NAME_SIZE + 32], off[32];

	if (!find_site(&wanted, name, mode))
		return false;
	snprintf(on, sizeof(on), "%u %s", wanted.site.id, mode);
	snprintf(off, sizeof(off), "%u normal", wanted.site.id);
	return switch_to(SITES, on, off);
}

static bool set_named(const char *name, int mode)
{
	char on[NAME_SIZE], off[NAME_SIZE];

	snprintf(on, sizeof(on), "%s %d", name, mode);
	snprintf(off, sizeof(off), "%s 0", name);
	return switch_to(MUTANTS, on, off);
}

static bool count_named(char *line, void *arg)
{
	bool *ok = arg;

	line[strcspn(line, " ")] = '\0';
	*ok &= set_named(line, 2);
	return false;
}

static bool count_site(char *line, void *arg)
{
	struct site site = { 0 };
	char zero[32];
	bool *ok = arg;

	if (!parse_site(line, &site))
		return false;
	snprintf(zero, sizeof(zero), "%u normal", site.id);
	*ok &= !sysfile_write(SITES, zero);
	return false;
}

static bool count_all(void)
{
	bool ok = true;

	each_line(MUTANTS, count_named, &ok);
	each_line(SITES, count_site, &ok);
	return ok;
}

bool mutant_begin(void)
{
	const char *name = chosen();
	bool ok;

	if (!name)
		return true;
	if (!sysfile_exists(MUTANTS)) {
		bail_out("mutant %s: this kernel has no " MUTANTS, name);
		return false;
	}
	if (!strcmp(name, "count"))
		ok = count_all();
	else
		ok = strncmp(name, "site:", 5) ? set_named(name, 1) : set_site(name);
	if (ok)
		diag("mutant %s is on", name);
	return ok;
}

/* "NAME MODE HITS TEXT" */
static bool report_named(char *line, void *arg)
{
	char name[NAME_SIZE];
	int mode;
	long hits;

	(void)arg;
	if (sscanf(line, "%127s %d %ld", name, &mode, &hits) == 3 && mode)
		diag("mutant %s: reached %ld times", name, hits);
	return false;
}

static bool report_site(char *line, void *arg)
{
	struct site site;

	(void)arg;
	if (parse_site(line, &site))
		diag("mutant site:%s: reached %ld times (%s)", site.name, site.hits, site.kind);
	return false;
}

void mutant_report(void)
{
	const char *name = chosen();

	if (!name)
		return;
	each_line(MUTANTS, report_named, NULL);
	if (!strcmp(name, "count") || !strncmp(name, "site:", 5))
		each_line(SITES, report_site, NULL);
}
