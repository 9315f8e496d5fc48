#include "check.h"
#include "loader/calls.h"

/* Imports that are resolved when they are first needed, by ResolveDelayLoadedAPI. */
extern IMAGE_DOS_HEADER __ImageBase;
extern const IMAGE_DELAYLOAD_DESCRIPTOR late_descriptor, missing_descriptor;
extern void *late_slots[3], *missing_slots[1];
__asm__(
	".section .rdata,\"dr\"\n"
	"late_name: .asciz \"late.dll\"\n"
	"missing_name: .asciz \"no-such.dll\"\n"
	".balign 4\n"
	"hint_twice: .short 0\n .asciz \"twice\"\n .balign 2\n"
	"hint_none: .short 0\n .asciz \"nothing\"\n .balign 8\n"
	"late_names: .rva hint_twice\n .long 0\n .long 1\n .long 0x80000000\n .rva hint_none\n .long 0\n .quad 0\n"
	"missing_names: .rva hint_twice\n .long 0\n .quad 0\n"
	".globl late_descriptor\nlate_descriptor: .long 1\n .rva late_name, late_handle, late_slots, late_names\n .long 0, 0, 0\n"
	".globl missing_descriptor\nmissing_descriptor: .long 1\n .rva missing_name, missing_handle, missing_slots, missing_names\n .long 0, 0, 0\n"
	".data\n.balign 8\n"
	"late_handle: .quad 0\nmissing_handle: .quad 0\n"
	".globl late_slots\nlate_slots: .quad 0, 0, 0, 0\n"
	".globl missing_slots\nmissing_slots: .quad 0, 0\n"
	".text\n");

static void *hook_result;

static FARPROC WINAPI hook(unsigned reason, const void *p)
{
	const struct {
		ULONG Size;
		const void *Descriptor;
		void **Thunk;
		const char *Dll;
		ULONG ByName;
		union { const char *Name; ULONG Ordinal; } Api;
		void *Base, *Unused;
		ULONG LastError;
	} *info = p;
	CHECK("hook", "reason %u, size %lu, %s", reason, info->Size, info->ByName ? "a name" : "a number");
	return hook_result;
}

static int standby(int n) { return -n; }

int main(void)
{
	void *(WINAPI *resolve)(void *, const void *, void *, void *, void **, ULONG) =
		(void *)GetProcAddress(GetModuleHandleA("kernel32"), "ResolveDelayLoadedAPI");
	int (*f)(int);
	CALL(resolve != NULL);
	CALL(GetModuleHandleA("late") != NULL);
	f = resolve(&__ImageBase, &late_descriptor, hook, NULL, &late_slots[0], 0);
	CALL(GetModuleHandleA("late") != NULL);
	CALL(f == late_slots[0]);
	CALL(f(21));
	CALL((void *)GetProcAddress(GetModuleHandleA("late"), "twice") == (void *)f);
	f = resolve(&__ImageBase, &late_descriptor, hook, NULL, &late_slots[1], 0);
	CALL(f == late_slots[1]);
	CALL(f(1));
	hook_result = standby;
	f = resolve(&__ImageBase, &late_descriptor, hook, NULL, &late_slots[2], 0);
	CALL(f == standby);
	CALL(f(3));
	f = resolve(&__ImageBase, &missing_descriptor, hook, NULL, &missing_slots[0], 0);
	CALL(f == standby);
	hook_result = NULL;
	return 0;
}
