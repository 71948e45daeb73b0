/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels that lie on disk: an image, a build tree, the running one. */
#ifndef SPTEST_KERNEL_FILES_H
#define SPTEST_KERNEL_FILES_H

struct kernel;

/* What uname -r will say, from the header of a bzImage; NULL: not one. The caller's to free. */
char *kernel_image_release(const char *path);

/* Its upstream version: a distribution's release may not say it. NULL: not a bzImage. The caller's. */
char *kernel_image_version(const char *path);

/*
 * The folder with modules.dep for this release that `word` means: that folder itself, or one that
 * has it as RELEASE/ or lib/modules/RELEASE/ (as make modules_install lays it out). NULL: none.
 */
char *kernel_modules_folder(const char *word, const char *release);

/* Each fills kernel, and dies (STATUS_USAGE) with one line if there is no kernel. */
void kernel_from_image(struct kernel *kernel, const char *path);
void kernel_from_tree(struct kernel *kernel, const char *path);
void kernel_from_running(struct kernel *kernel);

#endif
