/* Import tables by hand, for what a linker does not make. IMPORT declares
 * imported_ID, the slot of one import of a DLL: stamp is the descriptor's
 * TimeDateStamp, thunk the lookup table's entry, filled what the slot holds in
 * the file. */
#ifndef IMPORT_H
#define IMPORT_H
#define IMPORT(id, dll, name, stamp, thunk, filled) \
	__asm__(".section .idata$2,\"dw\"\n .rva lookup_" #id "\n .long " stamp ", -1\n .rva dll_" #id "\n .rva imported_" #id "\n" \
		".section .idata$4,\"dw\"\n lookup_" #id ": " thunk "\n .quad 0\n" \
		".section .idata$5,\"dw\"\n .global imported_" #id "\n imported_" #id ": " filled "\n .quad 0\n" \
		".section .idata$6,\"dw\"\n name_" #id ": .short 0\n .asciz \"" name "\"\n .balign 2\n" \
		".section .idata$7,\"dw\"\n dll_" #id ": .asciz \"" dll "\"\n .balign 2\n .text\n"); \
	extern int (*imported_##id)(void)
#define BY_NAME(id) ".rva name_" #id "\n .long 0"
#define BY_ORDINAL(n) ".quad 0x8000000000000000 + " #n
#endif
