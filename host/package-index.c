// SPDX-License-Identifier: GPL-2.0-only
#include "package-index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "die.h"
#include "packages.h"
#include "path.h"

struct stanza {
	char *name, *version, *size, *depends;
};

static bool is_kernel(const char *name)
{
	static const char *const starts[] = {
		"linux-image-", "linux-base-", "linux-binary-", "linux-modules-",
		"linux-source-",
	};
	size_t n = strlen(name);

	if (n > 4 && !strcmp(name + n - 4, "-dbg"))
		return false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strncmp(name, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static void write_stanza(FILE *table, const char *suite, const struct stanza *stanza)
{
	if (!stanza->name || !stanza->version || !stanza->size || !is_kernel(stanza->name))
		return;
	fprintf(table, "%s\t%s\t%s\t%s\t%s\n", suite, stanza->name, stanza->version, stanza->size,
		stanza->depends ? stanza->depends : "");
}

static void read_field(struct stanza *stanza, char *line)
{
	if (!strncmp(line, "Package: ", 9))
		stanza->name = line + 9;
	else if (!strncmp(line, "Version: ", 9))
		stanza->version = line + 9;
	else if (!strncmp(line, "Size: ", 6))
		stanza->size = line + 6;
	else if (!strncmp(line, "Depends: ", 9))
		stanza->depends = line + 9;
}

int package_index_cut(FILE *table, const char *suite, const char *index)
{
	char *text = archive_read_file(index, NULL), *rest = text, *line;
	struct stanza stanza = { 0 };

	if (!text)
		return -errno;
	while ((line = strsep(&rest, "\n"))) {
		if (*line) {
			read_field(&stanza, line);
			continue;
		}
		write_stanza(table, suite, &stanza);
		stanza = (struct stanza){ 0 };
	}
	write_stanza(table, suite, &stanza);
	free(text);
	return 0;
}

void package_index_begin(FILE *table, uint64_t key, const char *own_suites)
{
	fprintf(table, "%016" PRIx64 "\t%s\n", key, own_suites);
}

static bool read_first(struct packages *packages, char *line, uint64_t key)
{
	uint64_t made_for;
	char *end;

	if (!line)
		return false;
	made_for = strtoull(line, &end, 16);
	if (*end != '\t' || (key && made_for != key))
		return false;
	packages->own_suites = end + 1;
	return true;
}

static void read_line(struct packages *packages, char *line)
{
	struct package package = {
		.suite = strsep(&line, "\t"),
		.name = strsep(&line, "\t"),
		.version = strsep(&line, "\t"),
	};
	const char *size = strsep(&line, "\t");

	if (!line)
		return;
	package.size = strtoul(size, NULL, 10);
	package.depends = line;
	packages->all = xrealloc(packages->all, (packages->count + 1) * sizeof(package));
	packages->all[packages->count++] = package;
}

bool package_index_load(struct packages *packages, const char *path, uint64_t key)
{
	char *rest, *line;

	memset(packages, 0, sizeof(*packages));
	packages->text = rest = file_read(path, NULL);
	if (!rest)
		return false;
	if (!read_first(packages, strsep(&rest, "\n"), key)) {
		packages_close(packages);
		return false;
	}
	while ((line = strsep(&rest, "\n")))
		read_line(packages, line);
	return true;
}
