// What libyara.go calls: compiling and scanning with plain structs for results,
// so that a scan costs one crossing and calls no Go.
#ifndef SIDETRACE_YARA_BRIDGE_H
#define SIDETRACE_YARA_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yara.h>

// A message of the compiler.
typedef struct {
	bool warning;
	int file; // number of the source, -1 where the compiler does not say
	int line;
	char *rule; // "" for none
	char *text;
} st_message;

typedef struct st_compiler st_compiler;

st_compiler *st_compiler_new(void);
void st_compiler_free(st_compiler *c);
// st_compiler_source makes a source known by its number, by which others include
// it. The text is copied.
int st_compiler_source(st_compiler *c, int number, const char *text, size_t size);
int st_compiler_string(st_compiler *c, const char *name, const char *value);
int st_compiler_integer(st_compiler *c, const char *name, int64_t value);
int st_compiler_float(st_compiler *c, const char *name, double value);
int st_compiler_boolean(st_compiler *c, const char *name, bool value);
// st_compiler_add compiles a source into a namespace of its own and returns the
// number of errors. After the first error the compiler is good for its messages
// alone.
int st_compiler_add(st_compiler *c, int number);
int st_compiler_rules(st_compiler *c, YR_RULES **rules);
const st_message *st_compiler_messages(const st_compiler *c, size_t *count);

// A rule as it was compiled.
typedef struct {
	const char *name;
	const char *tags; // one after another, an empty one at the end
	const YR_META *metas;
	int source;
	bool private;
	bool global;
} st_rule;

void st_rules_get(const YR_RULES *rules, uint32_t index, st_rule *out);

// A meta of a rule.
typedef struct {
	const char *name;
	const char *text; // NULL for a number
	int64_t number;
	bool last;
} st_meta;

void st_meta_get(const YR_META *metas, size_t index, st_meta *out);

// Where a string was found.
typedef struct {
	int64_t offset;
	int64_t length;
} st_match;

// A string that was found, with the first of its matches.
typedef struct {
	const char *name;
	size_t first; // index of its first match
	size_t kept;
	size_t total;
} st_string;

// A rule that fired, with its strings.
typedef struct {
	uint32_t rule;
	size_t first; // index of its first string
	size_t count;
} st_fire;

// What libyara says of a string during a scan.
typedef struct {
	uint32_t rule;
	const char *name;
	bool slow; // too slow; otherwise found too often
} st_notice;

typedef struct {
	YR_SCANNER *scanner;
	size_t keep; // matches of one string
	size_t room; // matches of all strings
	bool failed; // out of memory
	st_fire *fires;
	size_t fire_count, fire_room;
	st_string *strings;
	size_t string_count, string_room;
	st_match *matches;
	size_t match_count, match_room;
	st_notice *notices;
	size_t notice_count, notice_room;
	size_t log_limit; // messages of the console module that are kept
	char **logs;
	size_t log_count, log_room;
} st_scan;

int st_scan_open(YR_RULES *rules, size_t keep, size_t room, st_scan **out);
int st_scan_string(st_scan *s, const char *name, const char *value);
// st_scan_run scans; a timeout in nanoseconds, above 0, bounds it.
int st_scan_run(st_scan *s, const uint8_t *data, size_t size, bool process, uint64_t timeout);
// st_scan_cancel ends a run from another thread, with a time-out.
void st_scan_cancel(st_scan *s);
void st_scan_close(st_scan *s);

#endif
