// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "lib/btf.h"

static int drop_message(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

struct btf *kernel_btf_open(void)
{
	libbpf_set_print(drop_message);
	return btf__parse_raw("/sys/kernel/btf/vmlinux");
}

void kernel_btf_close(struct btf *btf)
{
	btf__free(btf);
}

static int offset_in(const struct btf *btf, const struct btf_type *type, const char *name)
{
	const struct btf_member *m = btf_members(type);
	const struct btf_type *inner;
	const char *member;
	int i, inside;

	for (i = 0; i < btf_vlen(type); i++) {
		member = btf__name_by_offset(btf, m[i].name_off);
		if (member && !strcmp(member, name))
			return btf_member_bit_offset(type, i) / 8;
		if (!member || *member)
			continue;
		inner = btf__type_by_id(btf, m[i].type);
		if (!inner || !btf_is_composite(inner))
			continue;
		inside = offset_in(btf, inner, name);
		if (inside >= 0)
			return btf_member_bit_offset(type, i) / 8 + inside;
	}
	return -ENOENT;
}

int btf_member_offset(const struct btf *btf, const char *structure, const char *member)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);

	return id < 0 ? -ENOENT : offset_in(btf, btf__type_by_id(btf, id), member);
}

int btf_size(const struct btf *btf, const char *structure)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);

	return id < 0 ? -ENOENT : (int)btf__type_by_id(btf, id)->size;
}

int btf_parameter(const struct btf *btf, const char *function, const char *parameter)
{
	int id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
	const struct btf_type *proto;
	const char *name;
	int i;

	if (id < 0)
		return -ENOENT;
	proto = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	for (i = 0; i < btf_vlen(proto); i++) {
		name = btf__name_by_offset(btf, btf_params(proto)[i].name_off);
		if (name && !strcmp(name, parameter))
			return i + 1;
	}
	return -ENOENT;
}

int btf_returns_value(const struct btf *btf, const char *function)
{
	int id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);

	if (id < 0)
		return -ENOENT;
	return btf__type_by_id(btf, btf__type_by_id(btf, id)->type)->type != 0;
}

int btf_enum_value(const struct btf *btf, const char *enumeration, const char *constant)
{
	int id = btf__find_by_name_kind(btf, enumeration, BTF_KIND_ENUM);
	const struct btf_type *type;
	const char *name;
	int i;

	if (id < 0)
		return -ENOENT;
	type = btf__type_by_id(btf, id);
	for (i = 0; i < btf_vlen(type); i++) {
		name = btf__name_by_offset(btf, btf_enum(type)[i].name_off);
		if (name && !strcmp(name, constant))
			return btf_enum(type)[i].val;
	}
	return -ENOENT;
}
