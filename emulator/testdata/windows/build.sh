#!/usr/bin/env bash
# Builds the programs below this folder with mingw-w64 and records what they
# print under Wine: those named as TOPIC/NAME, or all that are newer than their
# record. A .windows file is written by hand and never touched.
set -euo pipefail
cd "$(dirname "$0")"

wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
export WINEPREFIX=${WINEPREFIX:-${XDG_CACHE_HOME:-$HOME/.cache}/sidetrace-wine} WINEDEBUG=-all
mkdir -p "$WINEPREFIX"
if [ ! -f "$WINEPREFIX/windows10" ]; then # older Wine passes for Windows 7
	"$wine" reg add 'HKCU\Software\Wine' /v Version /d win10 /f >/dev/null 2>&1
	touch "$WINEPREFIX/windows10"
fi
lld=$(command -v lld-link || command -v lld-link-14 || echo lld-link)
display=() # windows need one
! command -v xvfb-run >/dev/null || display=(xvfb-run -a)
clang=$(command -v clang || command -v clang-14 || echo clang)
flags=(-O1 -D__USE_MINGW_ANSI_STDIO=0 -Wno-format -Wno-format-extra-args -Wno-unused-value -march=x86-64 -Wall -Wextra -Werror -I. -fno-ident -s -Wl,--no-insert-timestamp)
ucrt=(-D_UCRT -nodefaultlibs)
ucrt_libs=(-Wl,--start-group -lmingw32 -lgcc -lgcc_eh -lmoldname -lmingwex -lucrt -ladvapi32 -lshell32 -luser32 -lkernel32 -Wl,--end-group)

objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
compile() { # source target flag…
	local source=$1 target=$2 cc=x86_64-w64-mingw32-gcc extra tail=()
	shift 2
	[[ $source == *.cpp ]] && cc="x86_64-w64-mingw32-g++ -static"
	extra=$(sed -n '1s|^// build: *||p' "$source")
	if [[ " $extra " == *" ucrt "* ]]; then
		extra="${extra/ucrt/} ${ucrt[*]}"
		tail=("${ucrt_libs[@]}")
	fi
	if [[ " $extra " == *" clang "* || " $extra " == *" msvc "* ]]; then
		compile_clang "$source" "$target" "$extra"
		return
	fi
	if [ -f "${source%.*}.rc" ]; then
		x86_64-w64-mingw32-windres "${source%.*}.rc" "$objects/resource.o"
		tail=("$objects/resource.o" "${tail[@]}")
	fi
	# shellcheck disable=SC2086 # flags are words
	$cc "${flags[@]}" "$@" "$source" -o "$target" $extra "${tail[@]}"
}

# compile_clang is for what GCC has not: __try, and with the word msvc the C++
# exceptions of Microsoft's compiler, whose run-time library is msvcrt.dll.
compile_clang() { # source target words
	local source=$1 target=$2 object
	object=$(mktemp --suffix=.o)
	local common=(-O1 -Wall -Wextra -Wno-format -Wno-unused-value -Wno-ignored-attributes -I. -isystem /usr/x86_64-w64-mingw32/include -march=x86-64 -fms-extensions -fno-ident)
	if [[ " $3 " == *" msvc "* ]]; then
		$clang --target=x86_64-pc-windows-msvc "${common[@]}" -fexceptions -fcxx-exceptions -Xclang -fno-threadsafe-statics -c "$source" -o "$object"
		x86_64-w64-mingw32-dlltool -d msvc.def -l "$object.a"
		$lld -out:"$target" -entry:start -subsystem:console -nodefaultlib -timestamp:0 "$object" "$object.a" /usr/x86_64-w64-mingw32/lib/libkernel32.a
		rm -f "$object.a"
	else
		$clang --target=x86_64-w64-mingw32 -D__USE_MINGW_ANSI_STDIO=0 "${common[@]}" -c "$source" -o "$object"
		x86_64-w64-mingw32-gcc -s -Wl,--no-insert-timestamp "$object" -o "$target"
	fi
	rm -f "$object"
}

record() { # name
	local name=$1 work code=0
	work=$(mktemp -d)
	cp "$name.exe" "$work/"
	[ ! -d "$name.d" ] || cp "$name.d"/* "$work/"
	(cd "$work" && timeout 60 "${display[@]}" "$wine" "$(basename "$name").exe") </dev/null >"$work/printed" 2>/dev/null || code=$?
	if [ $code = 124 ]; then
		echo "$name: Wine did not end within a minute" >&2
		return 1
	fi
	{ tr -d '\r' <"$work/printed"; echo "exit $code"; } >"$name.txt"
	rm -rf "$work"
	echo "$name: $(wc -l <"$name.txt") lines"
}

# sources prints what a program is made of.
sources() { ls "$1".c "$1".cpp "$1".rc "$1".d/*.c "$1".d/*.cpp 2>/dev/null || true; }

stale() { # name
	[ -f "$1.txt" ] && [ -f "$1.exe" ] || return 0
	local s
	for s in $(sources "$1"); do
		[ "$s" -nt "$1.txt" ] && return 0
	done
	return 1
}

named=("$@")
if [ ${#named[@]} = 0 ]; then
	for s in */*.c */*.cpp; do
		[ -e "$s" ] || continue
		stale "${s%.*}" && named+=("${s%.*}")
	done
fi
for name in "${named[@]}"; do
	if [ -d "$name.d" ]; then
		for s in "$name.d"/*.c "$name.d"/*.cpp; do
			[ ! -e "$s" ] || compile "$s" "${s%.*}.dll" -shared
		done
	fi
	for s in "$name.c" "$name.cpp"; do
		[ ! -e "$s" ] || compile "$s" "$name.exe"
	done
	record "$name"
done
