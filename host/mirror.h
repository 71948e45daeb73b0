/* SPDX-License-Identifier: GPL-2.0-only */
/* Which Debian mirror this machine uses, by what its apt says. */
#ifndef SPTEST_MIRROR_H
#define SPTEST_MIRROR_H

#include <stdbool.h>

struct mirror {
	char *archive;		/* base URI, no slash at its end; NULL: unknown */
	char *security;		/* of the -security suites; NULL: unknown */
	char *suites;		/* of the machine's own apt: " bookworm bookworm-security " */
};

/* SPTEST_MIRROR wins over the machine's apt; its security archive is then MIRROR-security. */
void mirror_find(struct mirror *mirror);
void mirror_free(struct mirror *mirror);

/* Is this suite one of the machine's own? */
bool mirror_has_suite(const char *suites, const char *suite);

#endif
