// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

#define ORDER "/modules/order"

/* The kernel takes - and _ in module names for the same (kernel/params.c, parameqn()). */
static bool same_name(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char x = a[i] == '-' ? '_' : a[i], y = b[i] == '-' ? '_' : b[i];

		if (x != y || !y)
			return false;
	}
	return b[n] == '\0';
}

/* "module.parameter=value" words of the command line, as modprobe hands them on. */
static void collect_parameters(const char *module, char *out, size_t size)
{
	static char line[8192];
	FILE *f = fopen("/proc/cmdline", "re");
	char *word, *rest = line;

	out[0] = '\0';
	if (!f)
		return;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	while ((word = strsep(&rest, " \n"))) {
		const char *dot = strchr(word, '.'), *equals = strchr(word, '=');

		if (!dot || (equals && equals < dot) || !same_name(word, module, dot - word))
			continue;
		if (strlen(out) + strlen(dot) + 1 >= size)
			continue;
		if (out[0])
			strcat(out, " ");
		strcat(out, dot + 1);
	}
}

static void load(const char *module)
{
	char path[256], parameters[2048];
	int fd;

	snprintf(path, sizeof(path), "/modules/%s.ko", module);
	collect_parameters(module, parameters, sizeof(parameters));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		kernel_log("%s: %s", path, strerror(errno));
		return;
	}
	/* ENODEV and EOPNOTSUPP: kvm_intel on an AMD CPU and the like. */
	if (syscall(SYS_finit_module, fd, parameters, 0) && errno != ENODEV && errno != EOPNOTSUPP)
		kernel_log("module %s: %s", module, strerror(errno));
	close(fd);
}

void modules_load(void)
{
	char name[128];
	FILE *f = fopen(ORDER, "re");

	if (!f)
		return;
	while (fgets(name, sizeof(name), f)) {
		name[strcspn(name, "\n")] = '\0';
		if (name[0])
			load(name);
	}
	fclose(f);
}
