/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels that are built here: share/flavours/NAME.conf and the user's own, which win by name. A
 * flavour and a version make a --kernel word, as in "debug-6.12".
 */
#ifndef SPTEST_FLAVOUR_H
#define SPTEST_FLAVOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flavour {
	char *name;
	char **files;		/* of kconfig, then, from patches on, of patches: all to be applied in order */
	size_t fragments, count;
};

/*
 * Of "debug-6.12" finds debug.conf and sets *version to "6.12"; false if no flavour begins word.
 * Patches are for that version: FOLDER/VERSION/X stands in for FOLDER/X. Dies (STATUS_USAGE) on a
 * flavour that names what is not there.
 */
bool flavour_find(struct flavour *flavour, const char *word, const char **version);
void flavour_free(struct flavour *flavour);

/* Of names, and contents of all files. */
uint64_t flavour_hash(const struct flavour *flavour);

/* "base, debug": of all flavours, the user's own last; the caller's to free. */
char *flavour_names(void);

#endif
