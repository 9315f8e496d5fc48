/* The C side of package cpu: what happens inside libunicorn's callbacks, which
 * only copy facts into st_engine and stop the engine, and the functions that
 * start it again. Everything Go looks at is in st_engine. */
#ifndef SIDETRACE_ENGINE_H
#define SIDETRACE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unicorn/unicorn.h>

#include "decode.h"

/* Where uc_emu_start is told to end: non-canonical for user code and never near
 * any, because a start retranslates the code around its end address. */
#define ST_NOWHERE UINT64_C(0xFFFFFFFFFFFFF000)

enum { ST_UNDEFINED_OPCODE = 0x06 }; /* PUSH ES, not in 64-bit mode: SDM volume 2, table A-2 */

enum { ST_PAGE = 0x1000, ST_STUB = 16, ST_STACK_ARGS = 12, ST_MAX_ALIASES = 8, ST_MAX_BREAKPOINTS = 64 };

/* Why a run ended. Go's Kind has the same values up to ST_FAILURE; the rest
 * is answered by st_run itself. */
enum st_kind {
	ST_NONE,
	ST_API_CALL,
	ST_FAULT,
	ST_INTERRUPT,
	ST_INVALID,
	ST_SYSCALL,
	ST_NEW_CODE,
	ST_LIMIT,
	ST_INTERRUPTED,
	ST_SPECIAL,
	ST_BREAKPOINT,
	ST_FAILURE,
	ST_FLUSH,    /* the translation buffer is nearly full */
	ST_STALE,    /* an instruction in an alias that is not what was translated */
	ST_NEW_SITE, /* a block with a special instruction that has no trap */
};

enum st_access { ST_READ_ACCESS = 1, ST_WRITE_ACCESS, ST_FETCH_ACCESS };

/* Registers held here instead of in the engine. */
enum { ST_RAX = 1, ST_RSP = 2 };

typedef struct st_range { /* host memory seen by the guest */
	uint64_t address, size;
	uint8_t *memory;
	uint32_t prot; /* uc_prot */
} st_range;

typedef struct st_address { /* of a memory operand */
	uint8_t base, index;    /* registers, or one of these */
	uint8_t scale, length;  /* length: of ModRM, SIB and displacement */
	int32_t displacement;
} st_address;

enum { ST_NO_REGISTER = 16, ST_RIP_RELATIVE = 17 };

typedef struct st_alias { /* code that can be written at another address */
	uint64_t address, size;
	const uint8_t *memory;
	uint8_t *translated;
	uc_hook hook;
} st_alias;

typedef struct st_watch {
	uint64_t address, size;
	const uint8_t *memory, *known;
} st_watch;

typedef struct st_engine {
	/* Touched by every block: blocks so far, and the count at which to look
	 * closer. That is the limit, or 0 when an interrupt is asked for. */
	uint64_t blocks;
	uint64_t look_at;   /* atomic: set to 0 by any thread, after interrupt */
	uint32_t interrupt; /* atomic: set by any thread */
	uint64_t limit;

	uint32_t kind; /* enum st_kind; the first cause of a run wins */

	/* Where the guest is. ip is always the truth while the engine stands;
	 * rax and rsp supersede the engine's while their bit is in pending. rsp
	 * also equals the engine's while its bit is in known. */
	uint64_t ip, rax, rsp;
	uint32_t pending, known;

	uint64_t rcx, rdx, r8, r9;             /* ST_API_CALL */
	uint64_t frame[5 + ST_STACK_ARGS];     /* from [RSP]: return address, home area, arguments */
	uint64_t fault_address;                /* ST_FAULT */
	uint32_t fault_size, fault_access, fault_unmapped;
	uint32_t vector;                       /* ST_INTERRUPT */
	uint32_t block_size;                   /* ST_NEW_CODE */
	st_instruction instruction;            /* ST_SPECIAL */
	uint64_t operand;                      /* the address of its memory operand, or 0 */
	uint8_t bytes[ST_MAX_LENGTH];
	uint32_t error;                        /* ST_FAILURE: uc_err */
	const char *failure;

	uc_engine *uc;
	bool exact;                            /* recover RIP and flags at data faults */

	uint64_t stack_base, stack_size;       /* host view of the current stack */
	const uint8_t *stack;

	size_t buffer, used;                   /* translation buffer, bytes */

	st_range *ranges;                      /* sorted, disjoint */
	size_t range_count, range_room;
	st_watch *watches;                     /* sorted, disjoint */
	size_t watch_count, watch_room, watch_last;

	st_alias aliases[ST_MAX_ALIASES];
	size_t alias_count;

	uint64_t stub_start, stub_end;
	uint8_t *patchable;                    /* patch.c: stub pages the guest may have written to; NULL without any */
	const uint8_t *stubs, *originals;      /* what is in the stub range, and what was */

	uint64_t site;                         /* ST_NEW_SITE: the special instruction */
	bool site_within;                      /* its second byte is in the block, too */
	uint8_t *trap, trapped;                /* trap.c: a byte to put back, and where */
	uint64_t doubted;                      /* where an undefined instruction was tried again */

	uint64_t breakpoints[ST_MAX_BREAKPOINTS], stepped; /* trap.c; stepped is over which one a step goes */
	size_t breakpoint_count;

	uint64_t translating;                  /* translate.c: where the instruction is that is translated, */
	st_instruction translated_instruction; /* and what it is */
	bool misaligned;                       /* the fault is one of alignment */
	uint64_t translated, translation_limit; /* instructions */
	uint8_t upper[16][16];                 /* the high halves of the YMM registers */
	const struct st_operation *operations[3][4][256]; /* vex.c, by map, prefix and opcode */

	uc_context *scratch;
	size_t exception_at;                   /* exception.c; 0: not known */
} st_engine;

typedef struct st_registers { /* Go's Registers */
	uint64_t gpr[16], flags, mxcsr;
	uint8_t xmm[16][16];
	uint64_t fpcw, fpsw, fptag;
	uint8_t fp[8][16]; /* of which ten bytes count */
} st_registers;

/* registers.c */
void st_read_all(st_engine *e, st_registers *r);
void st_write_all(st_engine *e, st_registers *r);
void st_write_x87(st_engine *e, st_registers *r);

/* x87.c */
void st_x87_run(st_engine *e);

/* engine.c */
st_engine *st_open(uint64_t stub_start, uint64_t stub_end, uint32_t buffer, bool exact, uc_err *err);
void st_close(st_engine *e);
void st_run(uintptr_t engine); /* an st_engine; a number spares cgo its check of pointers at each call */
uint64_t st_read(st_engine *e, int id);
void st_write(st_engine *e, int id, uint64_t value);
uc_err st_save(st_engine *e, uc_context *context);
uc_err st_load(st_engine *e, uc_context *context);

/* hooks.c */
void st_arm(st_engine *e);
uc_err st_install(st_engine *e, uint64_t stub_start, uint64_t stub_end);

/* trap.c */
void st_set_trap(st_engine *e);
uint64_t st_lift_trap(st_engine *e);
bool st_is_breakpoint(const st_engine *e, uint64_t address);
void st_set_breakpoints(st_engine *e, const uint64_t *addresses, size_t count);

/* cpuid.c */
int st_on_cpuid(uc_engine *uc, void *data);

/* exact.c */
bool st_can_restore(void);
void st_restore(uc_engine *uc);

/* exception.c */
void st_learn_exception(st_engine *e, const uc_context *before, const uc_context *after);
uc_err st_end_exception(st_engine *e);

/* operand.c */
extern const int st_general[16]; /* the library's numbers of the general registers */
st_address st_parse_address(const uint8_t *modrm, unsigned rex); /* index 4 is none, unless a vector */
uint64_t st_operand(st_engine *e, uint64_t ip, const uint8_t *code, const st_instruction *i);

/* user.c */
bool st_pop_flags(st_engine *e);
void st_protection_fault(st_engine *e);

/* translate.c */
uc_err st_start(st_engine *e);

/* vex.c */
void st_vex_index(st_engine *e);
bool st_vex_run(st_engine *e);

/* memory.c */
uc_err st_map(st_engine *e, uint64_t address, void *memory, uint64_t size, uint32_t prot);
uc_err st_unmap(st_engine *e, uint64_t address, uint64_t size);
uc_err st_protect(st_engine *e, uint64_t address, uint64_t size, uint32_t prot);
void st_invalidate(st_engine *e, uint64_t address, uint64_t size);
const st_range *st_range_of(const st_engine *e, uint64_t address);
uint8_t *st_memory(const st_engine *e, uint64_t address);
size_t st_peek(const st_engine *e, uint64_t address, void *to, size_t n);

/* alias.c */
uc_err st_alias_add(st_engine *e, uint64_t address, uint64_t size);
void st_alias_remove(st_engine *e, uint64_t address, uint64_t size);
void st_alias_translated(st_engine *e, uint64_t address, uint64_t size);

/* patch.c */
int st_patchable(st_engine *e, uint64_t address, uint64_t size, const uint8_t *stubs, const uint8_t *originals);
bool st_patched(const st_engine *e, uint64_t address);

/* watch.c */
int st_watch_add(st_engine *e, uint64_t address, uint64_t size, const uint8_t *memory, const uint8_t *known);
void st_watch_remove(st_engine *e, uint64_t address);
bool st_changed(st_engine *e, uint64_t address, uint64_t size);

#endif
