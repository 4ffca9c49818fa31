// SPDX-License-Identifier: GPL-2.0
/*
 * A breakpoint event that names a symbol, from the grammar.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/hw_breakpoint.h>
#include <linux/string.h>
#include <linux/zalloc.h>

#include "bp-symbol.h"
#include "util/evsel.h"
#include "util/evsel_config.h"
#include "util/parse-events.h"

/* Cuts text at the first of a character, and returns what follows, or NULL. */
static char *cut(char *text, char at)
{
	char *found = strchr(text, at);

	if (found)
		*found++ = '\0';
	return found;
}

static u64 number(const char *text)
{
	return text ? strtoull(text, NULL, 0) : 0;
}

/**
 * bp_symbol__parse() - take what an event names apart
 * @sym: result
 * @text: SYMBOL[@FILE][+OFFSET][/LENGTH], of which the lexer has seen that it is this, but for
 *	numbers that are too large
 *
 * Return: 0, -ERANGE or -ENOMEM.
 */
int bp_symbol__parse(struct bp_symbol *sym, const char *text)
{
	memset(sym, 0, sizeof(*sym));
	sym->text = strdup(text);
	if (!sym->text)
		return -ENOMEM;
	errno = 0;
	sym->len = number(cut(sym->text, '/'));
	sym->name = strdup(sym->text);
	if (sym->name) {
		sym->offset = number(cut(sym->name, '+'));
		sym->file = cut(sym->name, '@');
	}
	if (!errno)
		return 0;
	bp_symbol__exit(sym);
	return -errno;
}

/**
 * bp_symbol__exit() - free what bp_symbol__parse() has made
 * @sym: it
 */
void bp_symbol__exit(struct bp_symbol *sym)
{
	zfree(&sym->text);
	zfree(&sym->name);
	sym->file = NULL;
}

/**
 * evsel__bp_term() - the symbol that an event names
 * @evsel: any event
 *
 * The string is for bp_symbol__parse(). The term is weak if the symbol's address holds for one
 * run of the command only.
 *
 * Return: the term; NULL if the event names none.
 */
struct evsel_config_term *evsel__bp_term(struct evsel *evsel)
{
	return evsel__get_config_term(evsel, BP_SYMBOL);
}

static int add_term(struct evsel *evsel, char *text)
{
	struct evsel_config_term *term = zalloc(sizeof(*term));

	if (!term) {
		free(text);
		return -ENOMEM;
	}
	term->type = EVSEL__CONFIG_TERM_BP_SYMBOL;
	term->free_str = true;
	term->val.str = text;
	list_add_tail(&term->list, &evsel->config_terms);
	return 0;
}

/* perf's own name of an event ends at a slash, so that two lengths would have one name. */
static int name_it(struct evsel *evsel, const char *text, const char *type)
{
	if (evsel->name || !strchr(text, '/'))
		return 0;
	if (asprintf(&evsel->name, "mem:%s%s%s", text, type ? ":" : "", type ?: "") >= 0)
		return 0;
	evsel->name = NULL;
	return -ENOMEM;
}

static int check(const char *text, struct parse_events_error *error, int column)
{
	struct bp_symbol sym;
	int err = bp_symbol__parse(&sym, text);

	if (err == -ERANGE)
		parse_events_error__handle(error, column, strdup("Offset is too large"), NULL);
	if (err)
		return err;
	bp_symbol__exit(&sym);
	return 0;
}

/* The symbol and the length, which the grammar has parted */
static char *join(const char *symbol, u64 len)
{
	char *text;

	if (!len)
		return strdup(symbol);
	return asprintf(&text, "%s/%" PRIu64, symbol, len) < 0 ? NULL : text;
}

/**
 * parse_events_add_bp_symbol() - a breakpoint event that names a symbol
 * @parse_state: the parser's
 * @list: to which the event is added
 * @text: mem:SYMBOL[@FILE][+OFFSET]
 * @type: any of r, w and x, or NULL
 * @len: bytes to watch; 0 for as many as the symbol has
 * @config: terms of the event, or NULL
 * @column: where it stands, for errors
 *
 * Return: 0 or a negative error.
 */
int parse_events_add_bp_symbol(struct parse_events_state *parse_state, struct list_head *list,
			       const char *text, char *type, u64 len,
			       struct parse_events_terms *config, int column)
{
	char *symbol = join(text + strlen("mem:"), len);
	struct evsel *evsel;
	int err;

	if (!symbol)
		return -ENOMEM;
	err = check(symbol, parse_state->error, column) ?:
		parse_events_add_breakpoint(parse_state, list, 0, type, len ?: sizeof(u64), config);
	if (err) {
		free(symbol);
		return err;
	}
	evsel = list_last_entry(list, struct evsel, core.node);
	if (evsel->core.attr.bp_type == HW_BREAKPOINT_X && !len)
		evsel->core.attr.bp_len = default_breakpoint_len();
	return add_term(evsel, symbol) ?: name_it(evsel, symbol, type);
}
