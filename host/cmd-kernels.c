// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "cmd-kernels.h"
#include "die.h"
#include "disk.h"
#include "flavour.h"
#include "kernel.h"
#include "kernel-list.h"
#include "kernel-versions.h"

static const char usage[] =
	"Usage: sptest kernels list [--json] [--refresh]\n"
	"       sptest kernels fetch [--refresh] [WORD...]\n"
	"       sptest kernels show [--json] [WORD]\n"
	"       sptest kernels build [--tree PATH [--commit C]] NAME...\n\n"
	"The kernels that --kernel can name. A WORD is a version or prefix (6.12), a bzImage, a\n"
	"build tree, .deb[,.deb], \"running\", a name from the list or a flavour and a version\n"
	"(debug-6.12), which is built from source; none: the default kernel.\n\n"
	"  list       what the suites of the list offer, what is in the cache; * is the default\n"
	"  fetch      bring kernels into the cache\n"
	"  show       release, source, files and size of one, which is fetched if need be\n"
	"  build      make a kernel of a flavour, if it is not in the cache: debug-6.12, or with\n"
	"             --tree just debug\n"
	"  --json     for programs\n"
	"  --tree     a source tree, a git tree or a tarball instead of Debian's source package\n"
	"  --commit   a commit of the git tree; A..B: each of that range, oldest first\n"
	"  --refresh  read the suites' package indexes anew\n\n"
	"The list is share/kernels/*.conf and your own $XDG_CONFIG_HOME/sptest/kernels/*.conf;\n"
	"SPTEST_MIRROR names a Debian mirror other than that of this machine's apt.\n\n"
	"Example: sptest kernels fetch 6.1 6.12.74 7.3\n";

struct options {
	bool json, refresh;
	const char *tree, *commit;
};

static const char *state(const struct kernel_version *version)
{
	if (version->cached)
		return "cached";
	return version->whole ? "available" : "no modules";
}

static uint64_t download_size(const struct kernel_version *version)
{
	uint64_t size = 0;

	for (size_t i = 0; version->parts[i]; i++)
		size += version->parts[i]->size;
	return size;
}

static void list_json(const struct kernel_versions *versions, const struct kernel_list *list,
		      const struct kernel_version *fallback)
{
	json_t *all = json_array();

	for (size_t i = 0; i < list->count; i++)
		if (list->sources[i].image)
			json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:b}",
				"name", list->sources[i].name, "image", list->sources[i].image,
				"state", "on disk", "default", 0));
	for (size_t i = 0; i < versions->count; i++) {
		const struct kernel_version *version = &versions->all[i];

		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:b}",
			"version", version->version, "package", version->package,
			"package_version", version->package_version, "suite", version->suite,
			"state", state(version), "download_bytes",
			(json_int_t)download_size(version), "default", version == fallback));
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static void list_table(const struct kernel_versions *versions, const struct kernel_list *list,
		       const struct kernel_version *fallback)
{
	static const char row[] = "%c %-*s  %-*s  %-*s  %s\n";
	int wide[3] = { strlen("VERSION"), strlen("PACKAGE"), strlen("SUITE") };

	for (size_t i = 0; i < versions->count; i++) {
		const struct kernel_version *version = &versions->all[i];
		const char *const cells[3] = { version->version, version->package, version->suite };

		for (size_t c = 0; c < 3; c++)
			if ((int)strlen(cells[c]) > wide[c])
				wide[c] = strlen(cells[c]);
	}
	printf(row, ' ', wide[0], "VERSION", wide[1], "PACKAGE", wide[2], "SUITE", "STATE");
	for (size_t i = 0; i < list->count; i++)
		if (list->sources[i].image)
			printf(row, ' ', wide[0], list->sources[i].name, wide[1],
			       list->sources[i].image, wide[2], "-", "on disk");
	for (size_t i = 0; i < versions->count; i++) {
		const struct kernel_version *version = &versions->all[i];

		printf(row, version == fallback ? '*' : ' ', wide[0], version->version, wide[1],
		       version->package, wide[2], version->suite, state(version));
	}
}

static void list_flavours(void)
{
	char *names = flavour_names();

	printf("\nBuilt from source, with a version behind, as debug-6.12: %s\n", names);
	free(names);
}

static int list_kernels(const struct options *options)
{
	struct kernel_versions versions;
	struct kernel_list list;
	const struct kernel_version *fallback;

	kernel_list_load(&list);
	kernel_versions_load(&versions, &list, options->refresh);
	if (versions.error[0])
		warn("no package indexes, only what is in the cache: %s", versions.error);
	fallback = kernel_versions_find(&versions, NULL);
	if (options->json)
		list_json(&versions, &list, fallback);
	else
		list_table(&versions, &list, fallback);
	if (!options->json)
		list_flavours();
	kernel_versions_free(&versions);
	kernel_list_free(&list);
	return STATUS_OK;
}

static void refresh(void)
{
	struct packages packages;
	struct kernel_list list;
	char error[400];

	kernel_list_load(&list);
	if (!packages_open(&packages, &list, true, error))
		die(STATUS_USAGE, "the package indexes cannot be read: %s", error);
	packages_close(&packages);
	kernel_list_free(&list);
}

static void fetch_one(const char *word)
{
	struct kernel kernel;

	kernel_find(&kernel, word, NULL);
	printf("%s: %s, %s\n", word ? word : "default", kernel.release, kernel.source);
	kernel_release(&kernel);
}

static int fetch_kernels(const struct options *options, char **words)
{
	if (options->refresh)
		refresh();
	if (!*words && !options->refresh)
		fetch_one(NULL);
	for (; *words; words++)
		fetch_one(*words);
	return STATUS_OK;
}

static int show_kernel(const struct options *options, const char *word)
{
	struct kernel kernel;
	uint64_t image_size, modules_size;

	if (options->refresh)
		refresh();
	kernel_find(&kernel, word, NULL);
	image_size = disk_used(kernel.image);
	modules_size = kernel.modules ? disk_used(kernel.modules) : 0;
	if (options->json) {
		json_t *all = json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s?, s:I, s:I}",
			"release", kernel.release, "source", kernel.source, "image", kernel.image,
			"modules", kernel.modules, "config", kernel.config,
			"config_hash", kernel.config_hash, "image_bytes", (json_int_t)image_size,
			"modules_bytes", (json_int_t)modules_size);

		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(all);
	} else {
		printf("release      %s\nsource       %s\n", kernel.release, kernel.source);
		printf("image        %s (%" PRIu64 " MiB)\n", kernel.image, image_size >> 20);
		printf("modules      %s (%" PRIu64 " MiB)\n",
		       kernel.modules ? kernel.modules : "none found", modules_size >> 20);
		printf("config       %s\n", kernel.config ? kernel.config : "none found");
		printf("config hash  %s\n", kernel.config_hash ? kernel.config_hash : "-");
	}
	kernel_release(&kernel);
	return STATUS_OK;
}

int cmd_kernels(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "refresh", no_argument, NULL, 'r' },
		{ "tree", required_argument, NULL, 't' },
		{ "commit", required_argument, NULL, 'c' },
		{ 0 },
	};
	struct options options = { 0 };
	char **words;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		if (opt == 'j')
			options.json = true;
		else if (opt == 'r')
			options.refresh = true;
		else if (opt == 't')
			options.tree = optarg;
		else if (opt == 'c')
			options.commit = optarg;
		else
			return STATUS_USAGE;
	}
	words = argv + optind;
	note_quiet(options.json);
	if (!*words)
		die(STATUS_USAGE, "kernels: say list, fetch, show or build; see sptest kernels --help");
	if (!strcmp(words[0], "list") && !words[1])
		return list_kernels(&options);
	if (!strcmp(words[0], "fetch"))
		return fetch_kernels(&options, words + 1);
	if (!strcmp(words[0], "build"))
		return kernels_build(words + 1, options.tree, options.commit);
	if (!strcmp(words[0], "show") && (!words[1] || !words[2]))
		return show_kernel(&options, words[1]);
	die(STATUS_USAGE, "kernels %s: see sptest kernels --help", words[0]);
}
