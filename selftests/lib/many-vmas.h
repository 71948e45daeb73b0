/* SPDX-License-Identifier: GPL-2.0-only */
/* A process whose memory is very many mappings. */
#ifndef SPTEST_LIB_MANY_VMAS_H
#define SPTEST_LIB_MANY_VMAS_H

#include <stddef.h>

#define MANY_VMAS 60000		/* of 65530 that a process may have, vm.max_map_count */

/* So many more, half of them anonymous, half of a file; they stay. Returns the last one, which is a page. */
char *many_vmas_add(size_t count);

#endif
