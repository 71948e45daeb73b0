/* SPDX-License-Identifier: GPL-2.0-only */
/* What an executable links against, found as ld.so would find it. */
#ifndef SPTEST_ELF_NEEDED_H
#define SPTEST_ELF_NEEDED_H

/*
 * visit(name, path) for the ELF interpreter and every shared library that path needs, also
 * indirectly; name is where the loader will find it in an image without ld.so.cache (no leading
 * slash). May name one twice. Nothing for a static executable or a script. 0, or -errno with one
 * line in error.
 */
int elf_visit_needed(const char *path, void (*visit)(void *arg, const char *name, const char *path),
		     void *arg, char error[200]);

#endif
