#!/usr/bin/env bash
# Builds the loader's test programs with mingw-w64, each time to the same bytes.
set -euo pipefail
cd "$(dirname "$0")"
cc=x86_64-w64-mingw32-gcc
flags=(-O1 -march=x86-64 -Wall -Wextra -Werror -ffreestanding -fno-ident -fno-asynchronous-unwind-tables -nostdlib -s -Wl,--no-insert-timestamp)
lib=-lkernel32
$cc "${flags[@]}" -shared -Wl,--image-base=0x180000000 c.c $lib -o c.dll
$cc "${flags[@]}" -shared -Wl,--image-base=0x180000000 b.c b.def c.dll $lib -o b.dll # same base: one of the two is moved
$cc "${flags[@]}" -shared -Wl,--image-base=0x190000000 d.c b.dll $lib -o d.dll
$cc "${flags[@]}" -shared -Wl,--image-base=0x1a0000000 false.c $lib -o false.dll
$cc "${flags[@]}" -Wl,--entry=start -Wl,--subsystem,console a.c b.dll $lib -o a.exe
for d in round_a round_b; do # each forwards to the other
	$cc "${flags[@]}" -shared -Wl,--image-base=0x1b0000000 c.c $d.def $lib -o $d.dll
done

# These have a C runtime, and print checks like the programs of ../windows.
checks=(-O1 -march=x86-64 -D__USE_MINGW_ANSI_STDIO=0 -Wall -Wextra -Werror -Wno-format -Wno-format-extra-args -Wno-unused-value -I../windows -fno-ident -s -Wl,--no-insert-timestamp)
$cc "${checks[@]}" -shared -nostdlib -Wl,--entry,DllMain shown.c $lib -o shown.dll
$cc "${checks[@]}" hidden.c -o hidden.exe
