// build: -nostdlib -lkernel32 -Wl,--entry,DllMain
#include "loader/dll.h"
TELLING("data", TRUE)
__declspec(dllexport) int number(void) { return 6; }
/* A resource of type 10 and name 7: "the resource", in English and in German. */
__asm__(
	".section .rsrc,\"dr\"\n"
	"root: .long 0, 0, 0\n .short 0, 1\n .long 10, 0x80000000 + type - root\n"
	"type: .long 0, 0, 0\n .short 0, 1\n .long 7, 0x80000000 + name - root\n"
	"name: .long 0, 0, 0\n .short 0, 2\n .long 0x407, german - root\n .long 0x409, english - root\n"
	"german: .rva text_german\n .long 12, 0, 0\n"
	"english: .rva text_english\n .long 12, 0, 0\n"
	"text_german: .ascii \"die Resource\"\n"
	"text_english: .ascii \"the resource\"\n"
	".text\n");
