#include "bridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What one compiler may be asked for. Includes may be nested 16 deep, each time
// many: without a limit a few short files are an endless text.
#define MAX_INCLUDES 20000
#define MAX_INCLUDED (512u << 20)
#define MAX_MESSAGES 10000

typedef struct {
	char *text;
	size_t size;
} source;

struct st_compiler {
	YR_COMPILER *yara;
	source *sources;
	size_t source_count;
	st_message *messages;
	size_t message_count, message_room;
	size_t includes;
	size_t included; // bytes
};

// number reads the name that a source has in libyara: its number.
static int number(const char *name) {
	char *end;
	if (name == NULL || *name == 0)
		return -1;
	long n = strtol(name, &end, 10);
	return *end == 0 && n >= 0 && n < INT32_MAX ? (int)n : -1;
}

static void on_message(int level, const char *file, int line, const YR_RULE *rule, const char *text, void *user) {
	st_compiler *c = user;
	if (c->message_count == MAX_MESSAGES)
		return;
	if (c->message_count == c->message_room) {
		size_t room = c->message_room ? 2 * c->message_room : 16;
		st_message *grown = realloc(c->messages, room * sizeof *grown);
		if (grown == NULL)
			return;
		c->messages = grown;
		c->message_room = room;
	}
	char *copy = strdup(text);
	char *name = strdup(rule != NULL && rule->identifier != NULL ? rule->identifier : "");
	if (copy == NULL || name == NULL) {
		free(copy);
		free(name);
		return;
	}
	c->messages[c->message_count++] = (st_message){
		.warning = level == YARA_ERROR_LEVEL_WARNING,
		.file = number(file),
		.line = line,
		.rule = name,
		.text = copy,
	};
}

// on_include answers with a source by its number, which Go has written in place
// of the name: no file is opened here.
static const char *on_include(const char *name, const char *file, const char *ns, void *user) {
	st_compiler *c = user;
	(void)file;
	(void)ns;
	int n = number(name);
	if (n < 0 || (size_t)n >= c->source_count || c->includes >= MAX_INCLUDES)
		return NULL;
	c->includes++;
	c->included += c->sources[n].size;
	return c->included > MAX_INCLUDED ? NULL : c->sources[n].text;
}

static void on_included(const char *text, void *user) {
	(void)text;
	(void)user;
}

st_compiler *st_compiler_new(void) {
	st_compiler *c = calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	if (yr_compiler_create(&c->yara) != ERROR_SUCCESS) {
		free(c);
		return NULL;
	}
	yr_compiler_set_callback(c->yara, on_message, c);
	yr_compiler_set_include_callback(c->yara, on_include, on_included, c);
	return c;
}

void st_compiler_free(st_compiler *c) {
	yr_compiler_destroy(c->yara);
	for (size_t i = 0; i < c->source_count; i++)
		free(c->sources[i].text);
	for (size_t i = 0; i < c->message_count; i++) {
		free(c->messages[i].rule);
		free(c->messages[i].text);
	}
	free(c->sources);
	free(c->messages);
	free(c);
}

int st_compiler_source(st_compiler *c, int n, const char *text, size_t size) {
	if ((size_t)n >= c->source_count) {
		size_t count = (size_t)n + 1;
		source *grown = realloc(c->sources, count * sizeof *grown);
		if (grown == NULL)
			return ERROR_INSUFFICIENT_MEMORY;
		memset(grown + c->source_count, 0, (count - c->source_count) * sizeof *grown);
		c->sources = grown;
		c->source_count = count;
	}
	char *copy = malloc(size + 1);
	if (copy == NULL)
		return ERROR_INSUFFICIENT_MEMORY;
	if (size > 0)
		memcpy(copy, text, size);
	copy[size] = 0;
	c->sources[n] = (source){copy, size};
	return ERROR_SUCCESS;
}

int st_compiler_string(st_compiler *c, const char *name, const char *value) {
	return yr_compiler_define_string_variable(c->yara, name, value);
}

int st_compiler_integer(st_compiler *c, const char *name, int64_t value) {
	return yr_compiler_define_integer_variable(c->yara, name, value);
}

int st_compiler_float(st_compiler *c, const char *name, double value) {
	return yr_compiler_define_float_variable(c->yara, name, value);
}

int st_compiler_boolean(st_compiler *c, const char *name, bool value) {
	return yr_compiler_define_boolean_variable(c->yara, name, value);
}

int st_compiler_add(st_compiler *c, int n) {
	source *s = &c->sources[n];
	if (s->size == 0) // which fmemopen refuses
		return 0;
	char name[16];
	snprintf(name, sizeof name, "%d", n);
	// Only what is compiled from a file has a name in messages.
	FILE *file = fmemopen(s->text, s->size, "r");
	if (file == NULL)
		return 1;
	int errors = yr_compiler_add_file(c->yara, file, name, name);
	fclose(file);
	return errors;
}

int st_compiler_rules(st_compiler *c, YR_RULES **rules) {
	return yr_compiler_get_rules(c->yara, rules);
}

const st_message *st_compiler_messages(const st_compiler *c, size_t *count) {
	*count = c->message_count;
	return c->messages;
}

void st_rules_get(const YR_RULES *rules, uint32_t index, st_rule *out) {
	const YR_RULE *rule = &rules->rules_table[index];
	*out = (st_rule){
		.name = rule->identifier,
		.tags = rule->tags,
		.metas = rule->metas,
		.source = number(rule->ns->name),
		.private = RULE_IS_PRIVATE(rule),
		.global = RULE_IS_GLOBAL(rule),
	};
}

void st_meta_get(const YR_META *metas, size_t index, st_meta *out) {
	const YR_META *meta = &metas[index];
	*out = (st_meta){
		.name = meta->identifier,
		.text = meta->type == META_TYPE_STRING ? meta->string : NULL,
		.number = meta->integer,
		.last = META_IS_LAST_IN_RULE(meta),
	};
}
