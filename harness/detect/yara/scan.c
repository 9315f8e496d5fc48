#include "bridge.h"

#include <stdlib.h>
#include <string.h>

// room_for makes room for one more element of an array.
static bool room_for(void **array, size_t count, size_t *room, size_t size) {
	if (count < *room)
		return true;
	size_t wanted = *room ? 2 * *room : 16;
	void *grown = realloc(*array, wanted * size);
	if (grown == NULL)
		return false;
	*array = grown;
	*room = wanted;
	return true;
}

#define ROOM(s, array, one) room_for((void **)&(s)->array, (s)->one##_count, &(s)->one##_room, sizeof *(s)->array)

// add_string copies the matches of a string; false is out of memory.
static bool add_string(st_scan *s, YR_SCAN_CONTEXT *context, YR_STRING *string) {
	st_string found = {.name = string->identifier, .first = s->match_count};
	YR_MATCH *match;
	yr_string_matches_foreach(context, string, match) {
		found.total++;
		if (found.kept >= s->keep || s->match_count >= s->room)
			continue;
		if (!ROOM(s, matches, match))
			return false;
		s->matches[s->match_count++] = (st_match){match->base + match->offset, match->match_length};
		found.kept++;
	}
	if (found.total == 0)
		return true;
	if (!ROOM(s, strings, string))
		return false;
	s->strings[s->string_count++] = found;
	return true;
}

static bool add_fire(st_scan *s, YR_SCAN_CONTEXT *context, YR_RULE *rule) {
	st_fire fire = {.rule = (uint32_t)(rule - context->rules->rules_table), .first = s->string_count};
	YR_STRING *string;
	yr_rule_strings_foreach(rule, string) {
		if (!add_string(s, context, string))
			return false;
	}
	fire.count = s->string_count - fire.first;
	if (!ROOM(s, fires, fire))
		return false;
	s->fires[s->fire_count++] = fire;
	return true;
}

static bool add_notice(st_scan *s, YR_STRING *string, bool slow) {
	if (!ROOM(s, notices, notice))
		return false;
	s->notices[s->notice_count++] = (st_notice){string->rule_idx, string->identifier, slow};
	return true;
}

static bool add_log(st_scan *s, const char *text) {
	if (s->log_count >= s->log_limit)
		return true;
	if (!ROOM(s, logs, log))
		return false;
	char *copy = strdup(text);
	if (copy == NULL)
		return false;
	s->logs[s->log_count++] = copy;
	return true;
}

static int on_scan(YR_SCAN_CONTEXT *context, int message, void *data, void *user) {
	st_scan *s = user;
	bool ok = true;
	switch (message) {
	case CALLBACK_MSG_RULE_MATCHING:
		ok = add_fire(s, context, data);
		break;
	case CALLBACK_MSG_TOO_MANY_MATCHES:
		ok = add_notice(s, data, false);
		break;
	case CALLBACK_MSG_CONSOLE_LOG:
		ok = add_log(s, data);
		break;
#ifdef CALLBACK_MSG_TOO_SLOW_SCANNING // since 4.3
	case CALLBACK_MSG_TOO_SLOW_SCANNING:
		ok = add_notice(s, data, true);
		break;
#endif
	}
	if (ok)
		return CALLBACK_CONTINUE;
	s->failed = true;
	return CALLBACK_ERROR;
}

int st_scan_open(YR_RULES *rules, size_t keep, size_t room, st_scan **out) {
	st_scan *s = calloc(1, sizeof *s);
	if (s == NULL)
		return ERROR_INSUFFICIENT_MEMORY;
	s->keep = keep;
	s->room = room;
	int error = yr_scanner_create(rules, &s->scanner);
	if (error != ERROR_SUCCESS) {
		free(s);
		return error;
	}
	yr_scanner_set_callback(s->scanner, on_scan, s);
	*out = s;
	return ERROR_SUCCESS;
}

int st_scan_string(st_scan *s, const char *name, const char *value) {
	return yr_scanner_define_string_variable(s->scanner, name, value);
}

// A process, as libyara sees one: blocks of memory without a size in all.

static const uint8_t *block_data(YR_MEMORY_BLOCK *block) { return block->context; }

static YR_MEMORY_BLOCK *first_block(YR_MEMORY_BLOCK_ITERATOR *it) { return it->context; }

static YR_MEMORY_BLOCK *no_block(YR_MEMORY_BLOCK_ITERATOR *it) {
	(void)it;
	return NULL;
}

static int scan_process(YR_SCANNER *scanner, const uint8_t *data, size_t size) {
	YR_MEMORY_BLOCK block = {.size = size, .context = (void *)data, .fetch_data = block_data};
	YR_MEMORY_BLOCK_ITERATOR it = {.context = &block, .first = first_block, .next = no_block};
	return yr_scanner_scan_mem_blocks(scanner, &it);
}

int st_scan_run(st_scan *s, const uint8_t *data, size_t size, bool process, uint64_t timeout) {
	// Without NO_TRYCATCH libyara handles SIGBUS and SIGSEGV itself during a
	// scan, for the whole process, and Go's runtime would not see them.
	int flags = SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING;
	if (process)
		flags |= SCAN_FLAGS_PROCESS_MEMORY;
	yr_scanner_set_flags(s->scanner, flags);
	// yr_scanner_set_timeout knows whole seconds only.
	uint64_t none = 0; // a cancellation before the start stays
	__atomic_compare_exchange_n(&s->scanner->timeout, &none, timeout, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	return process ? scan_process(s->scanner, data, size) : yr_scanner_scan_mem(s->scanner, data, size);
}

void st_scan_cancel(st_scan *s) {
	__atomic_store_n(&s->scanner->timeout, 1, __ATOMIC_RELAXED);
}

void st_scan_close(st_scan *s) {
	yr_scanner_destroy(s->scanner);
	free(s->fires);
	free(s->strings);
	free(s->matches);
	free(s->notices);
	for (size_t i = 0; i < s->log_count; i++)
		free(s->logs[i]);
	free(s->logs);
	free(s);
}
