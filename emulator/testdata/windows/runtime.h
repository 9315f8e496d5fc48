/* The functions of the runtime's DLL: the compiler's library has its own of
   some. GET gives one by its name, null if the DLL has none. */
#ifndef RUNTIME_H
#define RUNTIME_H
#include <stdint.h>
#include <windows.h>

#ifdef UCRT
#define RUNTIME "ucrtbase.dll"
#else
#define RUNTIME "msvcrt.dll"
#endif
#define GET(f) ((void *)GetProcAddress(GetModuleHandleA(RUNTIME), #f))

static int invalid; /* calls of the handler of invalid parameters */

static inline void invalid_parameter(const wchar_t *expression, const wchar_t *function, const wchar_t *file, unsigned line, uintptr_t reserved)
{
	(void)expression, (void)function, (void)file, (void)line, (void)reserved;
	invalid++;
}

/* count_invalid has the handler count; msvcrt.dll has none. */
static inline void count_invalid(void)
{
#ifdef UCRT
	void *(*set)(void *) = GET(_set_invalid_parameter_handler);
	set(invalid_parameter);
#endif
}
#endif
