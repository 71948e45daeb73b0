// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/disk-file.h"
#include "lib/kvm-probe.h"
#include "lib/needs.h"
#include "lib/numa.h"
#include "lib/swap.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define TEXT_SIZE 256

/* Each need: wanted at all (then in words), and why it is missing (true) or not. */
struct need {
	bool (*wanted)(const struct needs *needs, char *text);
	bool (*missing)(const struct needs *needs, char *why);
};

static bool kvm_wanted(const struct needs *needs, char *text)
{
	snprintf(text, TEXT_SIZE, "kvm");
	return needs->kvm;
}

static bool kvm_missing(const struct needs *needs, char *why)
{
	const char *reason = NULL;
	int fd;

	(void)needs;
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		snprintf(why, TEXT_SIZE, "/dev/kvm: %s", strerror(errno));
		return true;
	}
	close(fd);
	reason = kvm_probe();
	if (reason)
		snprintf(why, TEXT_SIZE, "kvm: %s", reason);
	return reason;
}

static bool memory_wanted(const struct needs *needs, char *text)
{
	snprintf(text, TEXT_SIZE, "memory %u MiB", needs->memory_mib);
	return needs->memory_mib;
}

static bool memory_missing(const struct needs *needs, char *why)
{
	uint64_t kib = 0;

	if (!sysfile_key_u64("/proc/meminfo", "MemAvailable:", &kib)) {
		snprintf(why, TEXT_SIZE, "no MemAvailable in /proc/meminfo");
		return true;
	}
	snprintf(why, TEXT_SIZE, "memory: %lu of %u MiB are available", kib / 1024, needs->memory_mib);
	return kib / 1024 < needs->memory_mib;
}

static bool cpus_wanted(const struct needs *needs, char *text)
{
	snprintf(text, TEXT_SIZE, "%u CPUs", needs->cpus);
	return needs->cpus;
}

static bool cpus_missing(const struct needs *needs, char *why)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	snprintf(why, TEXT_SIZE, "CPUs: %ld of %u are online", online, needs->cpus);
	return online < (long)needs->cpus;
}

static bool nodes_wanted(const struct needs *needs, char *text)
{
	snprintf(text, TEXT_SIZE, "%u NUMA nodes with memory", needs->nodes);
	return needs->nodes;
}

static bool nodes_missing(const struct needs *needs, char *why)
{
	int node[2];
	unsigned int count = numa_nodes(node);

	snprintf(why, TEXT_SIZE, "NUMA: %u of %u nodes have memory", count, needs->nodes);
	return count < needs->nodes;
}

static bool ksm_wanted(const struct needs *needs, char *text)
{
	snprintf(text, TEXT_SIZE, "KSM");
	return needs->ksm;
}

static bool ksm_missing(const struct needs *needs, char *why)
{
	(void)needs;
	snprintf(why, TEXT_SIZE, "kernel without KSM (no /sys/kernel/mm/ksm)");
	return !sysfile_exists("/sys/kernel/mm/ksm/run");
}

static bool swap_wanted(const struct needs *needs, char *text)
{
	snprintf(text, TEXT_SIZE, "swap (zram)");
	return needs->swap;
}

static bool swap_missing(const struct needs *needs, char *why)
{
	(void)needs;
	return !swap_possible(why, TEXT_SIZE);
}

static bool disk_file_wanted(const struct needs *needs, char *text)
{
	snprintf(text, TEXT_SIZE, "a file on a disk (TMPDIR or /var/tmp on ext4 or xfs, or zram)");
	return needs->disk_file;
}

static bool disk_file_missing(const struct needs *needs, char *why)
{
	(void)needs;
	return !disk_file_possible(why, TEXT_SIZE);
}

static const struct need kinds[] = {
	{ kvm_wanted, kvm_missing },
	{ memory_wanted, memory_missing },
	{ cpus_wanted, cpus_missing },
	{ nodes_wanted, nodes_missing },
	{ ksm_wanted, ksm_missing },
	{ swap_wanted, swap_missing },
	{ disk_file_wanted, disk_file_missing },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

bool needs_text(const struct needs *needs, size_t i, char *text, size_t size)
{
	char buf[TEXT_SIZE];
	size_t kind;

	for (kind = 0; kind < KINDS; kind++) {
		if (!kinds[kind].wanted(needs, buf) || i--)
			continue;
		snprintf(text, size, "%s", buf);
		return true;
	}
	if (i >= TEST_LIST_MAX || !needs->files[i])
		return false;
	snprintf(text, size, "%s", needs->files[i]);
	return true;
}

static void add_reason(char *all, size_t size, const char *reason)
{
	size_t used = strlen(all);

	snprintf(all + used, size - used, "%s%s", used ? "; " : "", reason);
}

bool needs_missing(const struct needs *needs, char *why, size_t size)
{
	char text[TEXT_SIZE];
	size_t i;

	why[0] = '\0';
	for (i = 0; i < KINDS; i++)
		if (kinds[i].wanted(needs, text) && kinds[i].missing(needs, text))
			add_reason(why, size, text);
	for (i = 0; i < TEST_LIST_MAX && needs->files[i]; i++) {
		if (sysfile_exists(needs->files[i]))
			continue;
		snprintf(text, sizeof(text), "no %s", needs->files[i]);
		add_reason(why, size, text);
	}
	return why[0];
}
