// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "klog.h"
#include "splat.h"

#define FUNCTIONS 5
#define LINES_MAX 120	/* a report that names no function within so many lines has no trace */

/* They stand above the culprit in every report and would make different bugs look the same. */
static const char *const reporters[] = {
	"dump_stack", "dump_stack_lvl", "show_stack", "print_report", "print_address_description",
	"kasan_report", "kasan_check_range", "kasan_report_invalid_free", "end_report", "__warn",
	"report_bug", "handle_bug", "exc_invalid_op", "asm_exc_invalid_op", "panic", "die",
	"die_addr", "exc_general_protection", "asm_exc_general_protection", "page_fault_oops",
	"exc_page_fault", "asm_exc_page_fault", "do_user_addr_fault", "__die", "__die_body",
	"bad_page", "free_page_is_bad_report", "dump_page", "ubsan_epilogue", "dump_header",
	"__schedule_bug", "__might_resched", "__might_sleep", "lockdep_rcu_suspicious",
	"print_circular_bug", "print_usage_bug", "vpanic", "dump_backtrace",
};

struct fingerprint {
	char *text;
	unsigned int functions;
	char *rip;	/* a WARNING names its function both as RIP and in the trace */
	bool in_trace;
};

static bool is_reporter(const char *name)
{
	if (!strncmp(name, "__asan_", 7) || !strncmp(name, "__ubsan_", 8))
		return true;
	for (size_t i = 0; i < sizeof(reporters) / sizeof(*reporters); i++)
		if (!strcmp(name, reporters[i]))
			return true;
	return false;
}

/*
 * "name" of " name.isra.0+0x12/0x34 [kvm]", the caller's to free; NULL if the line is none or is
 * marked "? " (on the stack, but not called). The compiler's suffixes change from build to build
 * and do not count.
 */
static char *function_name(const char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strcspn(s, "+ \t");
	if (!n || strncmp(s + n, "+0x", 3))
		return NULL;
	n = strcspn(s, ".+");
	return n ? xasprintf("%.*s", (int)n, s) : NULL;
}

/* Takes name. */
static void add_function(struct fingerprint *print, char *name)
{
	char *longer;

	if (is_reporter(name) || (print->rip && print->functions == 1 && !strcmp(print->rip, name))) {
		free(name);
		return;
	}
	longer = xasprintf("%s%s%s", print->text ? print->text : "", print->text ? " < " : "", name);
	free(print->text);
	free(name);
	print->text = longer;
	print->functions++;
}

/* x86 "RIP: 0010:func+0x1/0x2" (0033 is user space), arm64 "pc : func+0x1/0x2". */
static const char *instruction_pointer(const char *message)
{
	if (!strncmp(message, "RIP: 0010:", 10))
		return message + 10;
	if (!strncmp(message, "pc : ", 5))
		return message + 5;
	return NULL;
}

static void feed(struct fingerprint *print, const char *message)
{
	const char *ip = instruction_pointer(message);
	char *name;

	if (!strncasecmp(message, "Call Trace:", 11)) {
		print->in_trace = true;
	} else if (ip && !print->functions && (name = function_name(ip))) {
		print->rip = is_reporter(name) ? NULL : xstrdup(name);
		add_function(print, name);
	} else if (print->in_trace && (name = function_name(message))) {
		add_function(print, name);
	}
}

/* Numbers and addresses differ each time. */
static char *without_numbers(const char *message)
{
	char *text = xstrdup(message), *out = text;

	for (const char *s = message; *s;) {
		size_t n = strspn(s, "0123456789abcdefABCDEFx");
		bool number = isdigit((unsigned char)*s) || (n >= 8 && strcspn(s, "0123456789") < n);

		if (number) {
			*out++ = 'N';
			s += n;
		} else if (isalnum((unsigned char)*s) || *s == '_') {
			while (isalnum((unsigned char)*s) || *s == '_')
				*out++ = *s++;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
	return text;
}

char *splat_fingerprint(const char *log)
{
	char *copy = xstrdup(log), *rest = copy, *line, *first = NULL;
	struct fingerprint print = { 0 };

	for (unsigned int lines = 0; lines < LINES_MAX && print.functions < FUNCTIONS;) {
		line = strsep(&rest, "\n");
		if (!line)
			break;
		line[strcspn(line, "\r")] = '\0';
		if (!first && splat_match(line))
			first = without_numbers(klog_message(line));
		if (!first)
			continue;
		lines++;
		feed(&print, klog_message(line));
		if (print.functions && strstr(line, "---[ end trace"))
			break;
	}
	free(copy);
	free(print.rip);
	if (!print.text)
		return first;
	free(first);
	return print.text;
}
