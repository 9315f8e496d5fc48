#!/usr/bin/env bash
# Builds the program with clang, since GCC has no __try.
set -euo pipefail
cd "$(dirname "$0")"
object=$(mktemp --suffix=.o)
$(command -v clang || echo clang-14) --target=x86_64-w64-mingw32 -D__USE_MINGW_ANSI_STDIO=0 -O1 -Wall -Wextra -Wno-format -Wno-infinite-recursion -isystem /usr/x86_64-w64-mingw32/include -march=x86-64 -fms-extensions -fno-ident -c overflow.c -o "$object"
x86_64-w64-mingw32-gcc -s -Wl,--no-insert-timestamp -Wl,--stack,0x100000 "$object" -o overflow.exe
rm -f "$object"
