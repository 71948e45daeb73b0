// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/sysfile.h"

static const char root[] = "/sys/fs/cgroup";
static char group[64];

static void group_path(char *path, size_t size, const char *file)
{
	snprintf(path, size, "%s/%s", group, file);
}

static void find_root(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/cgroup.controllers", root);
	if (sysfile_exists(path))
		return;
	if (sysfile_exists("/sys/fs/cgroup/memory") ||
	    mount("cgroup2", root, "cgroup2", 0, NULL))
		skip_case("no cgroup v2 at %s", root);
	keeper_add(UNDO_UMOUNT, root, NULL);
}

static void enable_memory(void)
{
	char path[64], text[256];
	int err;

	snprintf(path, sizeof(path), "%s/cgroup.controllers", root);
	if (sysfile_read(path, text, sizeof(text)) < 0 || !strstr(text, "memory"))
		skip_case("cgroup v2 without the memory controller");
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", root);
	if (sysfile_read(path, text, sizeof(text)) >= 0 && strstr(text, "memory"))
		return;
	keeper_add(UNDO_WRITE, path, "-memory");
	err = sysfile_write(path, "+memory");
	require(!err, "memory controller of cgroup v2: %s", strerror(-err));
}

void cgroup_create(void)
{
	find_root();
	enable_memory();
	snprintf(group, sizeof(group), "%s/sptest-%d", root, getpid());
	keeper_add(UNDO_RMDIR, group, NULL);
	require(!mkdir(group, 0700), "%s: %s", group, strerror(errno));
}

void cgroup_join(void)
{
	char path[128], pid[16];
	int err;

	group_path(path, sizeof(path), "cgroup.procs");
	snprintf(pid, sizeof(pid), "%d", getpid());
	err = sysfile_write(path, pid);
	require(!err, "could not enter %s: %s", group, strerror(-err));
}

void cgroup_enter(void)
{
	cgroup_create();
	cgroup_join();
}

const char *cgroup_name(void)
{
	return group + strlen(root);
}

bool cgroup_has(const char *file)
{
	char path[128];

	group_path(path, sizeof(path), file);
	return sysfile_exists(path);
}

int cgroup_open(const char *file, int flags)
{
	char path[128];
	int fd;

	group_path(path, sizeof(path), file);
	fd = open(path, flags | O_CLOEXEC);
	require(fd >= 0, "%s: %s", path, strerror(errno));
	return fd;
}

void cgroup_set(const char *file, const char *value)
{
	char path[128];
	int err;

	group_path(path, sizeof(path), file);
	err = sysfile_write(path, value);
	require(!err, "could not write %s to %s: %s", value, path, strerror(-err));
}

void cgroup_set_bytes(const char *file, uint64_t bytes)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", bytes);
	cgroup_set(file, text);
}

uint64_t cgroup_get(const char *file, const char *key)
{
	uint64_t value = 0;
	char path[128];

	group_path(path, sizeof(path), file);
	if (key)
		require(sysfile_key_u64(path, key, &value), "no %s in %s", key, path);
	else
		require(!sysfile_read_u64(path, &value), "%s cannot be read", path);
	return value;
}

/* Before 5.19: a limit below what is there is enforced when it is written. */
static int reclaim_by_limit(uint64_t bytes)
{
	char path[128], text[64];
	uint64_t current;
	int err;

	group_path(path, sizeof(path), "memory.current");
	err = sysfile_read_u64(path, &current);
	if (err)
		return err;
	snprintf(text, sizeof(text), "%lu", current > bytes ? current - bytes : 0);
	group_path(path, sizeof(path), "memory.high");
	err = sysfile_write(path, text);
	return err ? err : sysfile_write(path, "max");
}

void cgroup_reclaim(uint64_t bytes)
{
	char path[128], text[64];
	int err;

	/*
	 * Reading brings the statistics up to date. Reclaim decides by them whether the inactive list is
	 * short, and itself does not care if they are two seconds old (flush_memcg_stats_dwork()).
	 */
	group_path(path, sizeof(path), "memory.stat");
	sysfile_read(path, text, sizeof(text));
	group_path(path, sizeof(path), "memory.reclaim");
	snprintf(text, sizeof(text), "%lu", bytes);
	err = cgroup_has("memory.reclaim") ? sysfile_write(path, text) : reclaim_by_limit(bytes);
	/* EAGAIN: less than that was reclaimed */
	require(!err || err == -EAGAIN, "memory.reclaim: %s", strerror(-err));
}
