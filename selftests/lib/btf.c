// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/btf.h"
#include "lib/btf-answers.h"

#define VMLINUX "/sys/kernel/btf/vmlinux"

struct kernel_btf {
	struct btf *types;		/* NULL: nobody asked for what is not known yet */
	struct btf_answers known;
};

static int drop_message(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

static bool read_types(struct kernel_btf *btf)
{
	if (!btf->types) {
		libbpf_set_print(drop_message);
		btf->types = btf__parse_raw(VMLINUX);
	}
	return btf->types;
}

struct kernel_btf *kernel_btf_open(void)
{
	struct kernel_btf *btf = calloc(1, sizeof(*btf));

	if (!btf || btf_answers_load(&btf->known) || read_types(btf))
		return btf;
	free(btf);
	return NULL;
}

void kernel_btf_close(struct kernel_btf *btf)
{
	if (!btf)
		return;
	btf_answers_close(&btf->known);
	btf__free(btf->types);
	free(btf);
}

static int offset_in(const struct btf *types, const struct btf_type *type, const char *name)
{
	const struct btf_member *m = btf_members(type);
	const struct btf_type *inner;
	const char *member;
	int i, inside;

	for (i = 0; i < btf_vlen(type); i++) {
		member = btf__name_by_offset(types, m[i].name_off);
		if (member && !strcmp(member, name))
			return btf_member_bit_offset(type, i) / 8;
		if (!member || *member)
			continue;
		inner = btf__type_by_id(types, m[i].type);
		if (!inner || !btf_is_composite(inner))
			continue;
		inside = offset_in(types, inner, name);
		if (inside >= 0)
			return btf_member_bit_offset(type, i) / 8 + inside;
	}
	return -ENOENT;
}

static int find_size(const struct btf *types, const struct btf_type *type, const char *name)
{
	(void)types;
	(void)name;
	return type->size;
}

static int find_parameter(const struct btf *types, const struct btf_type *function, const char *parameter)
{
	const struct btf_type *proto = btf__type_by_id(types, function->type);
	const char *name;

	for (int i = 0; i < btf_vlen(proto); i++) {
		name = btf__name_by_offset(types, btf_params(proto)[i].name_off);
		if (name && !strcmp(name, parameter))
			return i + 1;
	}
	return -ENOENT;
}

static int find_returns(const struct btf *types, const struct btf_type *function, const char *name)
{
	(void)name;
	return btf__type_by_id(types, function->type)->type != 0;
}

static int find_constant(const struct btf *types, const struct btf_type *type, const char *constant)
{
	const char *name;

	for (int i = 0; i < btf_vlen(type); i++) {
		name = btf__name_by_offset(types, btf_enum(type)[i].name_off);
		if (name && !strcmp(name, constant))
			return btf_enum(type)[i].val;
	}
	return -ENOENT;
}

static const struct question {
	const char *verb;
	unsigned int kind;
	int (*find)(const struct btf *types, const struct btf_type *type, const char *name);
} member_of = { "member", BTF_KIND_STRUCT, offset_in }, size_of = { "size", BTF_KIND_STRUCT, find_size },
  parameter_of = { "parameter", BTF_KIND_FUNC, find_parameter },
  returns = { "returns", BTF_KIND_FUNC, find_returns },
  constant_of = { "constant", BTF_KIND_ENUM, find_constant };

static int ask(struct kernel_btf *btf, const struct question *question, const char *type, const char *name)
{
	char text[BTF_QUESTION_SIZE];
	int id, value;

	snprintf(text, sizeof(text), "%s %s %s", question->verb, type, name);
	if (btf_answers_find(&btf->known, text, &value))
		return value;
	if (!read_types(btf))
		return -ENOENT;
	id = btf__find_by_name_kind(btf->types, type, question->kind);
	value = id < 0 ? -ENOENT : question->find(btf->types, btf__type_by_id(btf->types, id), name);
	btf_answers_add(&btf->known, text, value);
	return value;
}

int btf_member_offset(struct kernel_btf *btf, const char *structure, const char *name)
{
	return ask(btf, &member_of, structure, name);
}

int btf_size(struct kernel_btf *btf, const char *structure)
{
	return ask(btf, &size_of, structure, "");
}

int btf_parameter(struct kernel_btf *btf, const char *function, const char *parameter)
{
	return ask(btf, &parameter_of, function, parameter);
}

int btf_returns_value(struct kernel_btf *btf, const char *function)
{
	return ask(btf, &returns, function, "");
}

int btf_enum_value(struct kernel_btf *btf, const char *enumeration, const char *constant)
{
	return ask(btf, &constant_of, enumeration, constant);
}
