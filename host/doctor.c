// SPDX-License-Identifier: GPL-2.0-only
#include "doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accel.h"
#include "die.h"
#include "disk.h"
#include "elf-needed.h"
#include "kernel-cache.h"
#include "machine.h"
#include "mirror.h"
#include "path.h"
#include "proc.h"

#define MIB ((uint64_t)1 << 20)
#define CACHE_NEED (1024 * MIB)	/* indexes, two kernels, a snapshot */
#define OUT_NEED (100 * MIB)
#define MEMORY_NEED (1280 * MIB)	/* a host machine of the default size, and QEMU */

static void __attribute__((format(printf, 2, 3))) say(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(finding->text, sizeof(finding->text), fmt, ap);
	va_end(ap);
}

static void __attribute__((format(printf, 2, 3))) lack(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	finding->ok = false;
	va_start(ap, fmt);
	vsnprintf(finding->fix, sizeof(finding->fix), fmt, ap);
	va_end(ap);
}

/* The value of "KEY : VALUE" in a file of /proc, "?" if there is none; the caller's to free. */
static char *proc_value(const char *path, const char *key)
{
	char *text = file_read(path, NULL), *at = text ? strstr(text, key) : NULL;
	char *value;

	if (at)
		at += strcspn(at, ":\n");
	if (at && *at == ':')
		at += 1 + strspn(at + 1, " \t");
	value = at ? xasprintf("%.*s", (int)strcspn(at, "\n"), at) : xstrdup("?");
	free(text);
	return value;
}

static void check_cpu(struct finding *finding, const char *out)
{
	char *model = proc_value("/proc/cpuinfo", "model name");

	(void)out;
	say(finding, "%s, %ld online", model, sysconf(_SC_NPROCESSORS_ONLN));
	free(model);
}

static void check_accelerator(struct finding *finding, const char *out)
{
	struct accel accel;

	(void)out;
	accel_choose(&accel, "auto");
	say(finding, "%s: %s", accel.name, accel.why);
}

static void check_memory(struct finding *finding, const char *out)
{
	char *value = proc_value("/proc/meminfo", "MemAvailable");
	uint64_t available = strtoull(value, NULL, 10) << 10;

	(void)out;
	say(finding, "%" PRIu64 " MiB available", available / MIB);
	if (available < MEMORY_NEED)
		lack(finding, "free %" PRIu64 " MiB, or give the host machine less with --memory",
		     MEMORY_NEED / MIB);
	free(value);
}

static void check_qemu(struct finding *finding, const char *out)
{
	char *text = proc_capture((const char *[]){ MACHINE_QEMU, "--version", NULL }, NULL);

	(void)out;
	if (!text) {
		say(finding, "%s is not in PATH or does not run", MACHINE_QEMU);
		lack(finding, "apt-get install qemu-system-x86");
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	say(finding, "%s", text);
	free(text);
}

static void check_sptest(struct finding *finding, const char *out)
{
	char *init = path_libexec("init"), *tests = path_libexec("selftests");

	(void)out;
	say(finding, "%s, %s", init, tests);
	if (access(init, X_OK) || access(tests, X_OK))
		lack(finding, "make (the init of the host image and the selftests are not built)");
	free(tests);
	free(init);
}

static void count_needed(void *arg, const char *name, const char *path)
{
	(void)name;
	(void)path;
	++*(int *)arg;
}

static void check_busybox(struct finding *finding, const char *out)
{
	const char *path = access("/bin/busybox", X_OK) ? "/usr/bin/busybox" : "/bin/busybox";
	char error[200];
	int libraries = 0;

	(void)out;
	if (access(path, X_OK)) {
		say(finding, "no /bin/busybox");
		lack(finding, "apt-get install busybox-static");
	} else if (elf_visit_needed(path, count_needed, &libraries, error)) {
		say(finding, "%s: %s", path, error);
		lack(finding, "apt-get install busybox-static");
	} else {
		say(finding, "%s, %s", path, libraries ? "with shared libraries" : "static");
	}
}

static void check_depmod(struct finding *finding, const char *out)
{
	(void)out;
	if (proc_in_path("depmod") || !access("/sbin/depmod", X_OK)) {
		say(finding, "there");
		return;
	}
	say(finding, "missing");
	lack(finding, "apt-get install kmod");
}

/* Without apt there are still kernels on disk, so this is no lack. */
static void check_apt(struct finding *finding, const char *out)
{
	(void)out;
	say(finding, proc_in_path("apt-get") ? "there"
					     : "no apt-get: only kernels on disk and the running one");
}

static void check_keyring(struct finding *finding, const char *out)
{
	static const char path[] = "/usr/share/keyrings/debian-archive-keyring.gpg";

	(void)out;
	say(finding, "%s%s", path_exists(path) ? "" : "no ", path);
	if (!path_exists(path) && proc_in_path("apt-get"))
		lack(finding, "apt-get install debian-archive-keyring");
}

static void check_mirror(struct finding *finding, const char *out)
{
	const char *chosen = getenv("SPTEST_MIRROR");
	struct mirror mirror;

	(void)out;
	mirror_find(&mirror);
	say(finding, "%s (%s)", mirror.archive ? mirror.archive : "none",
	    chosen && *chosen ? "SPTEST_MIRROR" : "this machine's apt");
	if (!mirror.archive && proc_in_path("apt-get"))
		lack(finding, "set SPTEST_MIRROR to the base URI of a Debian mirror");
	mirror_free(&mirror);
}

static void check_space(struct finding *finding, const char *path, uint64_t need)
{
	uint64_t free_bytes = disk_free(path);

	if (free_bytes < need)
		lack(finding, "free %" PRIu64 " MiB there", (need - free_bytes) / MIB + 1);
}

static void check_cache(struct finding *finding, const char *out)
{
	char *dir = path_cache("");

	(void)out;
	say(finding, "%s, %" PRIu64 " MiB used, %" PRIu64 " MiB free", dir,
	    disk_used(dir) / MIB, disk_free(dir) / MIB);
	check_space(finding, dir, CACHE_NEED);
	if (access(dir, W_OK))
		lack(finding, "make it writable, or set XDG_CACHE_HOME");
	free(dir);
}

static void check_out(struct finding *finding, const char *out)
{
	say(finding, "%s, %" PRIu64 " MiB free", out, disk_free(out) / MIB);
	check_space(finding, out, OUT_NEED);
	if (path_exists(out) && access(out, W_OK))
		lack(finding, "make it writable, or name another one with --out");
}

static void check_kernels(struct finding *finding, const char *out)
{
	size_t count;
	struct cached_kernel *all = kernel_cache_all(&count);
	size_t used = 0;

	(void)out;
	say(finding, "none in the cache yet: sptest kernels fetch");
	for (size_t i = 0; i < count; i++) {
		if (used < sizeof(finding->text))
			used += snprintf(finding->text + used, sizeof(finding->text) - used, "%s%s",
					 i ? ", " : "", all[i].release);
		kernel_cache_free(&all[i]);
	}
	free(all);
}

const struct doctor_entry doctor_entries[] = {
	{ "cpu", check_cpu },
	{ "accelerator", check_accelerator },
	{ "memory", check_memory },
	{ "qemu", check_qemu },
	{ "sptest", check_sptest },
	{ "busybox", check_busybox },
	{ "depmod", check_depmod },
	{ "apt", check_apt },
	{ "keyring", check_keyring },
	{ "mirror", check_mirror },
	{ "cache", check_cache },
	{ "output", check_out },
	{ "kernels", check_kernels },
	{ NULL, NULL },
};
