/* SPDX-License-Identifier: GPL-2.0-only */
/* A --kernel word becomes files. */
#ifndef SPTEST_KERNEL_H
#define SPTEST_KERNEL_H

struct kernel {
	char *release;		/* as uname -r will say */
	char *version;		/* upstream: 6.1.192 where release is 6.1.0-56-cloud-amd64 */
	char *source;		/* where it came from, for people: package and version, or path */
	char *image;		/* bzImage */
	char *modules;		/* a modules.dep folder (.../lib/modules/RELEASE), or NULL: none found */
	char *config;		/* its .config, or NULL */
	char *config_hash;	/* of that file, 16 hex digits, or NULL */
};

/*
 * word: NULL (the default), a version or prefix ("6.12", "6.12.74", "6.18-rc"), a bzImage, a build
 * tree, one .deb or several joined by ",", or "running". modules: --modules, or NULL. Fetches what
 * is not in the cache. Dies with STATUS_USAGE and one line when the word means nothing.
 */
void kernel_find(struct kernel *kernel, const char *word, const char *modules);
void kernel_release(struct kernel *kernel);

#endif
