#!/usr/bin/env bash
# Builds the program with clang for Microsoft's C++ run-time library.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
$(command -v clang || echo clang-14) --target=x86_64-pc-windows-msvc -O1 -Wall -Wextra -march=x86-64 -fexceptions -fcxx-exceptions -fno-ident -c throw.cpp -o "$work/throw.o"
x86_64-w64-mingw32-dlltool -d ../windows/msvc.def -l "$work/msvcrt.a"
$(command -v lld-link || echo lld-link-14) -out:throw.exe -entry:start -subsystem:console -nodefaultlib -timestamp:0 "$work/throw.o" "$work/msvcrt.a"
rm -rf "$work"
