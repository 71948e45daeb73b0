/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the running kernel keeps things, from its BTF (/sys/kernel/btf/vmlinux). */
#ifndef SPTEST_LIB_BTF_H
#define SPTEST_LIB_BTF_H

#include <stdint.h>

struct kernel_btf;

struct kernel_btf *kernel_btf_open(void);	/* NULL with errno set */
void kernel_btf_close(struct kernel_btf *btf);

/* Byte offset of a member (also one of an anonymous struct or union inside); -ENOENT. */
int btf_member_offset(struct kernel_btf *btf, const char *structure, const char *member);

/* Bytes of a structure; -ENOENT. */
int btf_size(struct kernel_btf *btf, const char *structure);

/* Place of a function's parameter, from 1; -ENOENT if the function or the parameter is not there. */
int btf_parameter(struct kernel_btf *btf, const char *function, const char *parameter);

/* Does a function return something other than void? -ENOENT if there is no such function. */
int btf_returns_value(struct kernel_btf *btf, const char *function);

/* Value of an enum's constant; -ENOENT. */
int btf_enum_value(struct kernel_btf *btf, const char *enumeration, const char *constant);

#endif
