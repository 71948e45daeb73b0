// SPDX-License-Identifier: GPL-2.0-only
#include "run-folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/die.h"
#include "host/path.h"
#include "junit.h"
#include "run-ktap.h"
#include "run.h"
#include "summary.h"

#define SAME_SECOND_MAX 1000	/* runs on one kernel that may start in the same second */

char *utc_now(const char *format)
{
	char text[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(text, sizeof(text), format, gmtime_r(&now, &tm));
	return xstrdup(text);
}

static void replace_char(char *s, char from, char to)
{
	while ((s = strchr(s, from)))
		*s = to;
}

/* A new folder under parent: "name", or "name-2" and so on if another run has that. */
static int make_unique(const char *parent, const char *name, char **folder)
{
	for (unsigned int i = 1; i < SAME_SECOND_MAX; i++) {
		char *path = i == 1 ? xasprintf("%s/%s", parent, name) :
				      xasprintf("%s/%s-%u", parent, name, i);

		if (!mkdir(path, 0777)) {
			*folder = path;
			return 0;
		}
		free(path);
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* By rename, so that somebody who follows "latest" always arrives. */
static int point_latest(const char *parent, const char *folder)
{
	char *link = xasprintf("%s/latest", parent);
	char *fresh = xasprintf("%s/.latest%d", parent, getpid());
	int err = 0;

	unlink(fresh);
	if (symlink(strrchr(folder, '/') + 1, fresh) || rename(fresh, link)) {
		err = -errno;
		unlink(fresh);
	}
	free(fresh);
	free(link);
	return err;
}

int run_folder_create(struct run *run, const char *parent)
{
	const char *kernel = run->kernel_release ? run->kernel_release : "unknown";
	char *time = utc_now("%Y%m%d-%H%M%S");
	char *name = xasprintf("%s-%s", time, kernel);
	int err = path_mkdirs(parent);

	replace_char(name, '/', '_');
	free(run->started);
	run->started = utc_now("%Y-%m-%dT%H:%M:%SZ");
	if (!err) {
		free(run->folder);
		run->folder = NULL;
		err = make_unique(parent, name, &run->folder);
	}
	if (!err)
		err = point_latest(parent, run->folder);
	free(name);
	free(time);
	return err;
}

int run_folder_add_test(const struct run *run, struct run_test *test)
{
	char *name = xstrdup(test->name), *path;
	char round[16] = "";
	int err;

	if (test->round > 1)
		snprintf(round, sizeof(round), ".%u", test->round);
	replace_char(name, '/', '-');
	free(test->folder);
	test->folder = xasprintf("tests/%s%s%s%s", name, test->mmu ? "." : "",
				 test->mmu ? test->mmu : "", round);
	path = xasprintf("%s/%s", run->folder, test->folder);
	err = path_mkdirs(path);
	free(path);
	free(name);
	return err;
}

static int write_file(const char *folder, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", folder, name);
	int err = file_write(path, text, strlen(text), 0666);

	free(path);
	return err;
}

/* Lines joined by "; ". */
static char *one_line(const char *text)
{
	char *line = xzalloc(2 * strlen(text) + 1), *out = line;

	for (; *text; text++)
		out = *text == '\n' ? stpcpy(out, "; ") : stpncpy(out, text, 1);
	return line;
}

int run_folder_write_verdict(const struct run *run, const struct run_test *test)
{
	char *folder = xasprintf("%s/%s", run->folder, test->folder);
	char *reason = one_line(test->reason ? test->reason : "");
	char *text = xasprintf("%s%s%s\n", verdict_name(test->verdict), *reason ? ": " : "", reason);
	int err = write_file(folder, "verdict", text);

	free(reason);
	free(text);
	free(folder);
	return err;
}

int run_folder_write_summary(const struct run *run)
{
	char *json = summary_json(run), *xml = junit_xml(run), *ktap = run_ktap(run);
	int err = write_file(run->folder, "summary.json", json);

	if (!err)
		err = write_file(run->folder, "junit.xml", xml);
	if (!err)
		err = write_file(run->folder, "ktap", ktap);
	free(ktap);
	free(xml);
	free(json);
	return err;
}
