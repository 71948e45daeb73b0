// SPDX-License-Identifier: GPL-2.0-only
#include "mirror.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "proc.h"

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static void add_suite(struct mirror *mirror, char *uri, const char *suite)
{
	char **base = ends_with(suite, "-security") ? &mirror->security : &mirror->archive;
	char *suites;
	size_t n = strlen(uri);

	while (n && uri[n - 1] == '/')
		uri[--n] = '\0';
	if (!*base)
		*base = xstrdup(uri);
	if (mirror_has_suite(mirror->suites, suite))
		return;
	suites = xasprintf("%s%s ", mirror->suites, suite);
	free(mirror->suites);
	mirror->suites = suites;
}

/* "URI|CODENAME|ORIGIN" lines: there are some only once apt-get update has run here. */
static void read_targets(struct mirror *mirror)
{
	static const char *const argv[] = {
		"apt-get", "indextargets", "--format", "$(REPO_URI)|$(CODENAME)|$(ORIGIN)",
		"Created-By: Packages", NULL,
	};
	char *text = proc_capture(argv, NULL), *rest = text, *line;

	while (text && (line = strsep(&rest, "\n"))) {
		char *uri = strsep(&line, "|"), *suite = strsep(&line, "|");

		if (suite && line && !strcmp(line, "Debian"))
			add_suite(mirror, uri, suite);
	}
	free(text);
}

/*
 * "'http://HOST/debian/dists/SUITE/InRelease' FILE 0": what apt would fetch. That it is Debian's
 * can only be told by the path here.
 */
static void read_uris(struct mirror *mirror)
{
	static const char *const argv[] = { "apt-get", "update", "--print-uris", NULL };
	char *text = proc_capture(argv, NULL), *rest = text, *line;

	while (text && (line = strsep(&rest, "\n"))) {
		char *dists = strstr(line, "/dists/"), *end = strstr(line, "/InRelease'");

		if (*line != '\'' || !dists || !end || end < dists)
			continue;
		*dists = *end = '\0';
		if (ends_with(line, "/debian") || ends_with(line, "/debian-security"))
			add_suite(mirror, line + 1, dists + strlen("/dists/"));
	}
	free(text);
}

void mirror_find(struct mirror *mirror)
{
	const char *chosen = getenv("SPTEST_MIRROR");

	*mirror = (struct mirror){ .suites = xstrdup(" ") };
	read_targets(mirror);
	if (!mirror->archive)
		read_uris(mirror);
	if (!chosen || !*chosen)
		return;
	free(mirror->archive);
	free(mirror->security);
	mirror->archive = xstrdup(chosen);
	while (ends_with(mirror->archive, "/"))
		mirror->archive[strlen(mirror->archive) - 1] = '\0';
	mirror->security = xasprintf("%s-security", mirror->archive);
}

void mirror_free(struct mirror *mirror)
{
	free(mirror->archive);
	free(mirror->security);
	free(mirror->suites);
}

bool mirror_has_suite(const char *suites, const char *suite)
{
	size_t n = strlen(suite);

	for (const char *p = suites; (p = strstr(p, suite)); p += n)
		if (p > suites && p[-1] == ' ' && p[n] == ' ')
			return true;
	return false;
}
