// SPDX-License-Identifier: GPL-2.0-only
#include "spte/call-sites.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SITES_MAX 4096
#define ENTRIES_MAX 32

struct scan {
	const char *const *functions;
	size_t lengths[CALL_FUNCTIONS_MAX];	/* of their names */
	size_t function_count;
	/* First those of the functions, then of what jumps to one of them at its end. */
	uint64_t entries[ENTRIES_MAX];
	unsigned int function[ENTRIES_MAX];	/* which one a call of it comes to */
	size_t entry_count;
	uint64_t start, end;	/* _stext, _etext */
	const char *exported;	/* one of the functions, or NULL */
	struct call_sites *sites;
};

struct symbol_line {
	uint64_t address;
	const char *name;
	size_t length;
	bool module;
};

static int __attribute__((format(printf, 3, 4)))
cannot_tell(struct call_sites *sites, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sites->error, sizeof(sites->error), fmt, ap);
	va_end(ap);
	return err;
}

static int load(FILE *kallsyms, char **text)
{
	size_t used = 0, room = 4 << 20;
	char *grown;

	*text = malloc(room);
	while (*text) {
		used += fread(*text + used, 1, room - used - 1, kallsyms);
		if (used < room - 1)
			break;
		room *= 2;
		grown = realloc(*text, room);
		if (!grown)
			free(*text);
		*text = grown;
	}
	if (!*text)
		return -ENOMEM;
	(*text)[used] = '\0';
	return ferror(kallsyms) ? -EIO : 0;
}

/* "ffffffff81000000 T name\t[module]"; much faster than strtoull(), and there are 200,000 of them. */
static const char *parse_line(const char *line, struct symbol_line *symbol)
{
	const char *p = line;
	unsigned int digit;

	symbol->address = 0;
	for (;; p++) {
		digit = *p <= '9' ? *p - '0' : *p - 'a' + 10;
		if (digit > 15 || *p < '0')
			break;
		symbol->address = symbol->address << 4 | digit;
	}
	symbol->length = 0;
	if (p[0] == ' ' && p[1] && p[2] == ' ') {
		symbol->name = p + 3;
		symbol->length = strcspn(symbol->name, "\t\n");
		p = symbol->name + symbol->length;
	}
	symbol->module = *p == '\t';
	p = strchr(p, '\n');
	return p ? p + 1 : NULL;
}

static bool is_name(const struct symbol_line *symbol, const char *name, size_t length)
{
	return symbol->length == length && !memcmp(symbol->name, name, length);
}

static bool is_export_of(const struct symbol_line *symbol, const char *name, size_t length)
{
	static const char prefix[] = "__ksymtab_";
	const size_t skip = sizeof(prefix) - 1;

	return symbol->length == skip + length && !memcmp(symbol->name, prefix, skip) &&
	       !memcmp(symbol->name + skip, name, length);
}

static void take_symbol(struct scan *scan, const struct symbol_line *symbol)
{
	if (is_name(symbol, "_stext", 6))
		scan->start = symbol->address;
	else if (is_name(symbol, "_etext", 6))
		scan->end = symbol->address;
	for (size_t i = 0; i < scan->function_count; i++) {
		if (is_name(symbol, scan->functions[i], scan->lengths[i]))
			scan->entries[i] = symbol->address;
		else if (is_export_of(symbol, scan->functions[i], scan->lengths[i]))
			scan->exported = scan->functions[i];
	}
}

static int find_symbols(struct scan *scan, const char *kallsyms)
{
	struct symbol_line symbol;

	for (const char *line = kallsyms; line && *line;) {
		line = parse_line(line, &symbol);
		if (symbol.length && !symbol.module)
			take_symbol(scan, &symbol);
	}
	if (!scan->start || scan->end <= scan->start)
		return cannot_tell(scan->sites, -EPERM, "/proc/kallsyms hides where the kernel is");
	if (scan->exported)
		return cannot_tell(scan->sites, -EOPNOTSUPP, "%s is exported: modules may call it",
				   scan->exported);
	return 0;
}

static int add_site(struct scan *scan, unsigned int function, uint64_t address)
{
	struct call_sites *sites = scan->sites;

	if (sites->count == SITES_MAX)
		return cannot_tell(sites, -E2BIG, "more than %d calls", SITES_MAX);
	sites->site[sites->count++] = (struct call_site){ .address = address, .function = function };
	return 0;
}

/* Where the function begins that an address is in. */
static uint64_t function_of(const struct scan *scan, const char *kallsyms, uint64_t address)
{
	struct symbol_line symbol;
	uint64_t best = 0;

	for (const char *line = kallsyms; line && *line;) {
		line = parse_line(line, &symbol);
		if (symbol.length && !symbol.module && symbol.address >= scan->start &&
		    symbol.address < address && symbol.address > best)
			best = symbol.address;
	}
	return best;
}

/*
 * What ends with a jump to a function hands it its own return address: its callers are the call sites.
 * Adds those functions that are not known yet to the entries.
 */
static int add_jumping(struct scan *scan, const uint8_t *text, const char *kallsyms)
{
	size_t size = scan->end - scan->start, at = 0, known = scan->entry_count;
	uint64_t entry;
	int found;

	while ((found = branch_find(text, size, scan->start, BRANCH_JUMP, scan->entries, known,
				    &at)) >= 0) {
		bool seen = false;

		entry = function_of(scan, kallsyms, scan->start + at);
		for (size_t i = 0; i < scan->entry_count; i++)
			seen |= scan->entries[i] == entry;
		if (seen)
			continue;
		if (scan->entry_count == ENTRIES_MAX)
			return cannot_tell(scan->sites, -E2BIG, "too many jumps to %s",
					   scan->functions[scan->function[found]]);
		scan->entries[scan->entry_count] = entry;
		scan->function[scan->entry_count++] = scan->function[found];
	}
	return 0;
}

static int add_calls(struct scan *scan, const uint8_t *text)
{
	size_t size = scan->end - scan->start, at = 0;
	int found, err = 0;

	while (!err && (found = branch_find(text, size, scan->start, BRANCH_CALL, scan->entries,
					    scan->entry_count, &at)) >= 0)
		err = add_site(scan, scan->function[found], scan->start + at);
	return err;
}

static int scan_text(struct scan *scan, struct kmem *mem, const char *kallsyms)
{
	size_t size = scan->end - scan->start, before;
	uint8_t *text = malloc(size);
	int err;

	scan->sites->site = calloc(SITES_MAX, sizeof(*scan->sites->site));
	if (!text || !scan->sites->site) {
		free(text);
		return cannot_tell(scan->sites, -ENOMEM, "no memory for %zu bytes of text", size);
	}
	err = kmem_read(mem, scan->start, text, size);
	if (err)
		cannot_tell(scan->sites, err, "the kernel's text cannot be read: %s", strerror(-err));
	do {
		before = scan->entry_count;
		if (!err)
			err = add_jumping(scan, text, kallsyms);
	} while (!err && scan->entry_count > before);
	if (!err)
		err = add_calls(scan, text);
	free(text);
	if (!err && !scan->sites->count)
		err = cannot_tell(scan->sites, -ENOENT, "no direct call of %s is in the kernel's text",
				  scan->functions[0]);
	return err;
}

/* The first site at this address or above; they are in order of address. */
static size_t first_site(const struct call_sites *sites, uint64_t address)
{
	size_t low = 0, high = sites->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sites->site[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Of each site the last symbol that is not above it, the first of several at one place: what
 * get_symbol_pos() in kernel/kallsyms.c takes for %pS.
 */
static void find_names(const struct scan *scan, const char *kallsyms, struct symbol_line *best)
{
	struct symbol_line symbol;
	size_t i;

	for (const char *line = kallsyms; line && *line;) {
		line = parse_line(line, &symbol);
		if (!symbol.length || symbol.module || symbol.address < scan->start ||
		    symbol.address >= scan->end)
			continue;
		i = first_site(scan->sites, symbol.address);
		if (i < scan->sites->count && symbol.address > best[i].address)
			best[i] = symbol;
	}
	/* a symbol before the site before this one may be the last of both */
	for (i = 1; i < scan->sites->count; i++)
		if (best[i - 1].address > best[i].address)
			best[i] = best[i - 1];
}

static int name_sites(struct scan *scan, const char *kallsyms)
{
	struct call_sites *sites = scan->sites;
	struct symbol_line *best = calloc(sites->count, sizeof(*best));

	if (!best)
		return cannot_tell(sites, -ENOMEM, "no memory for %zu names", sites->count);
	find_names(scan, kallsyms, best);
	for (size_t i = 0; i < sites->count; i++)
		if (best[i].length)
			snprintf(sites->site[i].name, sizeof(sites->site[i].name),
				 "%.*s+%#" PRIx64, (int)best[i].length, best[i].name,
				 sites->site[i].address - best[i].address);
	free(best);
	return 0;
}

int call_sites_read(struct call_sites *sites, struct kmem *mem, FILE *kallsyms,
		    const char *const functions[], size_t count)
{
	struct scan scan = { .functions = functions, .function_count = count, .sites = sites };
	char *text = NULL;
	int err;

	*sites = (struct call_sites){ 0 };
	if (count > CALL_FUNCTIONS_MAX)
		return cannot_tell(sites, -E2BIG, "more than %d functions", CALL_FUNCTIONS_MAX);
	for (size_t i = 0; i < count; i++) {
		scan.lengths[i] = strlen(functions[i]);
		scan.function[i] = i;
	}
	scan.entry_count = count;
	err = load(kallsyms, &text);
	if (err) {
		free(text);
		return cannot_tell(sites, err, "/proc/kallsyms: %s", strerror(-err));
	}
	err = find_symbols(&scan, text);
	if (!err)
		err = scan_text(&scan, mem, text);
	if (!err)
		err = name_sites(&scan, text);
	free(text);
	return err;
}

void call_sites_free(struct call_sites *sites)
{
	free(sites->site);
	sites->site = NULL;
	sites->count = 0;
}
