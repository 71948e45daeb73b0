// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/census.h"
#include "lib/check.h"
#include "lib/sysfile.h"

static const char *const modules[CENSUS_MODULES] = { "kvm", "kvm_amd", "kvm_intel" };

static size_t count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	require(dir, "/proc/self/fd: %s", strerror(errno));
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

void census_take(struct census *census)
{
	char path[64];

	census->files = count_files();
	for (unsigned int i = 0; i < CENSUS_MODULES; i++) {
		snprintf(path, sizeof(path), "/sys/module/%s/refcnt", modules[i]);
		if (sysfile_read_u64(path, &census->references[i]))
			census->references[i] = 0;
	}
}

void census_expect_same(const struct census *before, const char *what)
{
	struct census now;

	census_take(&now);
	expect(now.files == before->files, "%s: %zu open files, before %zu", what, now.files,
	       before->files);
	for (unsigned int i = 0; i < CENSUS_MODULES; i++)
		expect(now.references[i] == before->references[i],
		       "%s: module %s is used %lu times, before %lu", what, modules[i],
		       now.references[i], before->references[i]);
}
