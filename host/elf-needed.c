// SPDX-License-Identifier: GPL-2.0-only
#include "elf-needed.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "path.h"
#include "proc.h"

/*
 * All libraries go into one folder, that of libc.so.6: it is one that the loader always searches,
 * and neither ld.so.cache nor the DT_RUNPATH of a build tree means anything in an image.
 */
struct search {
	void (*visit)(void *arg, const char *name, const char *path);
	void *arg;
	char *error;
	GElf_Half machine;
	char *dir;		/* of libc.so.6 */
	char **seen;
	size_t seen_count;
};

static int elf_follow(struct search *search, const char *path);

static int open_elf(const char *path, int *fd, Elf **elf)
{
	elf_version(EV_CURRENT);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return -errno;
	*elf = elf_begin(*fd, ELF_C_READ_MMAP, NULL);
	return *elf ? 0 : -EINVAL;
}

static GElf_Half elf_machine(const char *path)
{
	GElf_Ehdr header = { .e_machine = EM_NONE };
	Elf *elf = NULL;
	int fd;

	if (open_elf(path, &fd, &elf) || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		header.e_machine = EM_NONE;
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return header.e_machine;
}

/* "$ORIGIN/../lib:/opt/lib": the first of these folders that has the library. */
static char *find_in_runpath(const char *runpath, const char *user, const char *soname)
{
	char *dirs = xstrdup(runpath), *rest = dirs, *dir, *found = NULL;
	const char *slash = strrchr(user, '/');
	int origin = slash ? slash - user : 1;

	while (!found && (dir = strsep(&rest, ":"))) {
		char *path;

		if (!strncmp(dir, "$ORIGIN", 7))
			path = xasprintf("%.*s%s/%s", origin, slash ? user : ".", dir + 7, soname);
		else
			path = xasprintf("%s/%s", dir, soname);
		if (path_exists(path))
			found = path;
		else
			free(path);
	}
	free(dirs);
	return found;
}

/* One line of ldconfig -p: "\tlibelf.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libelf.so.1". */
static char *match_cache_line(char *line, const char *soname, GElf_Half machine)
{
	size_t n = strlen(soname);
	char *arrow = strstr(line, " => ");

	if (*line++ != '\t' || !arrow || strncmp(line, soname, n) || line[n] != ' ')
		return NULL;
	if (strstr(line, "hwcap:"))	/* built for some CPUs only */
		return NULL;
	return elf_machine(arrow + 4) == machine ? xstrdup(arrow + 4) : NULL;
}

static const char *loader_cache(void)
{
	static char *text;

	if (!text)
		text = proc_capture((const char *[]){ "ldconfig", "-p", NULL }, NULL);
	if (!text)	/* not in the PATH of an ordinary user */
		text = proc_capture((const char *[]){ "/sbin/ldconfig", "-p", NULL }, NULL);
	return text ? text : "";
}

static char *find_library(const char *soname, const char *runpath, const char *user,
			  GElf_Half machine)
{
	char *found = runpath ? find_in_runpath(runpath, user, soname) : NULL;
	char *cache, *rest, *line;

	if (found)
		return found;
	rest = cache = xstrdup(loader_cache());
	while (!found && (line = strsep(&rest, "\n")))
		found = match_cache_line(line, soname, machine);
	free(cache);
	return found;
}

static bool seen_before(struct search *search, const char *soname)
{
	for (size_t i = 0; i < search->seen_count; i++)
		if (!strcmp(search->seen[i], soname))
			return true;
	search->seen = xrealloc(search->seen, (search->seen_count + 1) * sizeof(*search->seen));
	search->seen[search->seen_count++] = xstrdup(soname);
	return false;
}

static char *library_dir(GElf_Half machine)
{
	char *libc = find_library("libc.so.6", NULL, "", machine), *slash;

	if (!libc)
		return xstrdup("lib");
	slash = strrchr(libc, '/');
	*slash = '\0';
	memmove(libc, libc + 1, slash - libc);
	return libc;
}

static int need_library(struct search *search, const char *soname, const char *runpath,
			const char *user)
{
	char *path, *name;
	int err;

	if (seen_before(search, soname))
		return 0;
	path = find_library(soname, runpath, user, search->machine);
	if (!path) {
		snprintf(search->error, 200, "needs %s, which is not installed", soname);
		return -ENOENT;
	}
	if (!search->dir)
		search->dir = library_dir(search->machine);
	name = xasprintf("%s/%s", search->dir, soname);
	search->visit(search->arg, name, path);
	err = elf_follow(search, path);
	free(name);
	free(path);
	return err;
}

static int follow_dynamic(struct search *search, Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			  const char *path)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	const char *runpath = NULL;
	GElf_Dyn dyn;
	int err = 0;

	for (size_t i = 0; i < count && gelf_getdyn(data, i, &dyn); i++)
		if (dyn.d_tag == DT_RUNPATH || (dyn.d_tag == DT_RPATH && !runpath))
			runpath = elf_strptr(elf, header->sh_link, dyn.d_un.d_val);
	for (size_t i = 0; !err && i < count && gelf_getdyn(data, i, &dyn); i++)
		if (dyn.d_tag == DT_NEEDED)
			err = need_library(search, elf_strptr(elf, header->sh_link, dyn.d_un.d_val),
					   runpath, path);
	return err;
}

static void follow_interpreter(struct search *search, Elf *elf)
{
	GElf_Phdr segment;
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return;
	for (size_t i = 0; i < count && gelf_getphdr(elf, i, &segment); i++) {
		Elf_Data *data;

		if (segment.p_type != PT_INTERP)
			continue;
		data = elf_getdata_rawchunk(elf, segment.p_offset, segment.p_filesz, ELF_T_BYTE);
		if (data && data->d_size > 1 && ((char *)data->d_buf)[0] == '/')
			search->visit(search->arg, (char *)data->d_buf + 1, data->d_buf);
	}
}

static int elf_follow(struct search *search, const char *path)
{
	Elf_Scn *section = NULL;
	Elf *elf = NULL;
	GElf_Shdr header;
	int fd, err = open_elf(path, &fd, &elf);

	if (err) {
		snprintf(search->error, 200, "%s: %s", path, strerror(-err));
		goto out;
	}
	if (elf_kind(elf) != ELF_K_ELF)		/* a script */
		goto out;
	follow_interpreter(search, elf);
	while (!err && (section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNAMIC)
			err = follow_dynamic(search, elf, section, &header, path);
out:
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return err;
}

int elf_visit_needed(const char *path, void (*visit)(void *arg, const char *name, const char *path),
		     void *arg, char error[200])
{
	struct search search = { .visit = visit, .arg = arg, .error = error };
	int err;

	search.machine = elf_machine(path);
	err = elf_follow(&search, path);
	for (size_t i = 0; i < search.seen_count; i++)
		free(search.seen[i]);
	free(search.seen);
	free(search.dir);
	return err;
}
