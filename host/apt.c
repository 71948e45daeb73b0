// SPDX-License-Identifier: GPL-2.0-only
#include "apt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "kernel-list.h"
#include "mirror.h"
#include "path.h"
#include "proc.h"

/*
 * Read by "apt-get -c", that is after the machine's own configuration: so its proxy holds, and what
 * we set wins. Its hooks are cleared, since some of them (docker-clean) delete the machine's files.
 */
static const char apt_conf[] =
	"Dir::Etc::SourceList \"%1$s/sources.list\";\n"
	"Dir::Etc::SourceParts \"/dev/null\";\n"
	"Dir::Etc::Preferences \"/dev/null\";\n"
	"Dir::Etc::PreferencesParts \"/dev/null\";\n"
	"Dir::State::Lists \"%1$s/lists\";\n"
	"Dir::State::status \"%1$s/status\";\n"
	"Dir::Cache \"%1$s/cache\";\n"
	"Acquire::Languages \"none\";\n"
	"Acquire::GzipIndexes \"true\";\n"
	"Acquire::Retries \"1\";\n"
	"Acquire::http::Timeout \"20\";\n"
	"Acquire::https::Timeout \"20\";\n"
	"#clear APT::Update::Pre-Invoke;\n"
	"#clear APT::Update::Post-Invoke;\n"
	"#clear APT::Update::Post-Invoke-Success;\n"
	"%2$s";

/* The unprivileged user of apt's may not write into the cache of root's home. */
static const char no_sandbox[] = "APT::Sandbox::User \"root\";\n";

static const char *base_uri(const struct kernel_source *source, const struct mirror *mirror)
{
	size_t n = strlen(source->suite), m = strlen("-security");

	if (source->uri)
		return source->uri;
	return n > m && !strcmp(source->suite + n - m, "-security") ? mirror->security
								    : mirror->archive;
}

static char *sources_text(const struct kernel_list *list, const struct mirror *mirror)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < list->count; i++) {
		const struct kernel_source *source = &list->sources[i];
		char *longer;

		if (!source->suite || !base_uri(source, mirror))
			continue;
		longer = xasprintf("%sdeb [arch=amd64 target=Packages pdiffs=no signed-by=%s] %s %s %s\n",
				   text, source->keyring, base_uri(source, mirror), source->suite,
				   source->components);
		free(text);
		text = longer;
	}
	return text;
}

static int write_text(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	int err = file_write(path, text, strlen(text), 0644);

	free(path);
	return err;
}

static int make_folder(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	int err = path_mkdirs(path);

	free(path);
	return err;
}

/* Anew each time: the folder may have been moved. A cache that cannot be written keeps the one it has. */
static char *conf_option(const char *dir)
{
	char *conf = xasprintf(apt_conf, dir, geteuid() == 0 ? no_sandbox : "");

	write_text(dir, "apt.conf", conf);
	free(conf);
	return xasprintf("-c=%s/apt.conf", dir);
}

int apt_configure(const char *dir, const struct kernel_list *list, const struct mirror *mirror)
{
	char *sources = sources_text(list, mirror);
	int err = make_folder(dir, "lists/partial");

	if (!err)
		err = make_folder(dir, "cache/archives/partial");
	if (!err)
		err = write_text(dir, "status", "");
	if (!err)
		err = write_text(dir, "sources.list", sources);
	free(sources);
	return err;
}

static int run_logged(const char *dir, const char *log, const char *const argv[],
		      const char *folder)
{
	char *path = xasprintf("%s/%s", dir, log);
	struct proc_options opt = {
		.dir = folder, .log = path, .env_name = "LC_ALL", .env_value = "C",
	};
	int ret;

	unlink(path);
	ret = proc_run(argv, &opt);
	free(path);
	return ret;
}

int apt_update(const char *dir)
{
	char *conf = conf_option(dir);
	const char *const argv[] = { "apt-get", conf, "-q", "update", NULL };
	int ret = run_logged(dir, "update.log", argv, NULL);

	free(conf);
	return ret;
}

char *apt_indexes(const char *dir)
{
	char *conf = conf_option(dir);
	const char *const argv[] = {
		"apt-get", conf, "indextargets", "--format", "$(RELEASE)|$(FILENAME)",
		"Created-By: Packages", NULL,
	};
	char *text = proc_capture(argv, NULL);

	free(conf);
	return text;
}

int apt_download(const char *dir, const char *into, const char *name, const char *version)
{
	char *conf = conf_option(dir);
	char *package = xasprintf("%s=%s", name, version);
	const char *const argv[] = { "apt-get", conf, "-q", "download", package, NULL };
	int ret = run_logged(dir, "download.log", argv, into);

	free(conf);
	free(package);
	return ret;
}

static bool copy_error(const char *line, const char *next, char *text, size_t size)
{
	const char *uri = strncmp(line, "Err:", 4) ? NULL : strchr(line, ' ');

	if (uri && next)
		snprintf(text, size, "%s: %s", uri + 1, next + strspn(next, " "));
	else if (!strncmp(line, "E: ", 3))
		snprintf(text, size, "%s", line + 3);
	else
		return false;
	return true;
}

void apt_first_error(const char *dir, const char *log, char *text, size_t size)
{
	char *path = xasprintf("%s/%s", dir, log);
	char *all = file_read(path, NULL), *rest = all, *line = strsep(&rest, "\n"), *next;

	snprintf(text, size, "see %s", path);
	for (; line; line = next) {
		next = strsep(&rest, "\n");
		if (copy_error(line, next, text, size))
			break;
	}
	free(all);
	free(path);
}
