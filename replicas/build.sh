#!/usr/bin/env bash
# Builds the replicas from their C sources, byte for byte the same each time.
#
#   replicas/build.sh           into replicas/prebuilt, which is committed
#   replicas/build.sh --check   into a temporary folder, and compare with it
#
# The same compiler gives the same bytes, another version does not: --check
# then says that it skips. prebuilt/COMPILER records the version.
set -euo pipefail
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1679443200

here=$(cd "$(dirname "$0")" && pwd)
src=$here/src
prebuilt=$here/prebuilt
prefix=x86_64-w64-mingw32
signing_time=1679443200 # 2023-03-22, in the certificate's validity

for tool in $prefix-gcc $prefix-windres $prefix-dlltool $prefix-objcopy $prefix-objdump osslsigncode go; do
	command -v "$tool" >/dev/null || { echo "replicas/build.sh: $tool is missing; scripts/deps.sh replicas installs it" >&2; exit 1; }
done

version=$($prefix-gcc --version | head -1; $prefix-ld --version | head -1; osslsigncode --version 2>&1 | head -1 | sed 's/, using:$//')
if [ "${1-}" = --check ] && [ "$version" != "$(cat "$prebuilt/COMPILER")" ]; then
	echo "replicas/build.sh: skipped, the committed replicas were built by another compiler:"
	diff <(echo "$version") "$prebuilt/COMPILER" || true
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/out
mkdir "$out"
(cd "$here" && go build -o "$work/finish" ./internal/finish)
cd "$src"

warnings=(-Wall -Wextra -Werror)
# Plain integer code: vectors gain nothing here and are slow to emulate.
common=(-O2 -march=x86-64 -fno-tree-vectorize -fno-ident -frandom-seed=sidetrace "-ffile-prefix-map=$src=." "${warnings[@]}" -I "$work")
link=(-s -static-libgcc -Wl,--no-insert-timestamp -Wl,--build-id=none -L "$work")
dll=(-shared -Wl,--image-base=0x180000000) # the linker's own choice depends on the output's path
guard=-lsidetrace-guard

# cc SOURCE OBJECT [FLAG…]; res SOURCE OBJECT; an object is named for its use.
cc()  { $prefix-gcc "${common[@]}" "${@:3}" -c "$1" -o "$work/$2"; }
res() { (cd "$(dirname "$1")" && $prefix-windres -I "$work" "$(basename "$1")" "$work/$2"); }

$prefix-dlltool -d guard/guard.def -l "$work/libsidetrace-guard.a"

# The payload: flat code that calls nothing but the table it is handed. The
# commands are those at the head of the two files.
bare=(-ffreestanding -fno-asynchronous-unwind-tables -fno-stack-protector -mno-stack-arg-probe -nostdlib)
cc payload/stub.c stub.o "${bare[@]}"
if $prefix-objdump -r "$work/stub.o" | grep -q 'RELOCATION RECORDS FOR \[.text'; then
	echo "replicas/build.sh: stub.o has relocations, so it is not position independent" >&2
	exit 1
fi
$prefix-objcopy -O binary -j .text "$work/stub.o" "$out/stub.bin"
res samcli.rc samcli.res.o
$prefix-gcc "${common[@]}" "${bare[@]}" "${dll[@]}" -Wl,--entry=0 \
	-Wl,--file-alignment=512 -Wl,--section-alignment=512 \
	-Wl,--disable-dynamicbase -Wl,--disable-reloc-section \
	payload/samcli.c "$work/samcli.res.o" "${link[@]}" $guard -o "$out/samcli.dll"
"$work/finish" "$out/samcli.dll"

# What the unpack step lets run: this payload's code and no other (pin/pinned.c).
cat >"$work/fingerprint.h" <<EOF
#define PINNED_STUB_SIZE  $(stat -c %s "$out/stub.bin")
#define PINNED_IMAGE_SIZE $(stat -c %s "$out/samcli.dll")
#define PINNED_START      $("$work/finish" -start "$out/samcli.dll")
#define PINNED_SHA256     {$(cat "$out/stub.bin" "$out/samcli.dll" | sha256sum | cut -c1-64 | sed 's/../0x&,/g')}
EOF
cp "$work/fingerprint.h" "$out/fingerprint.h"

cc pin/pinned.c pinned.o
cc pin/pin.c pin.o
cc unpack/unpack.c unpack.o
if $prefix-objdump -t "$work/unpack.o" | grep -E '__imp_(Virtual|NtProtect|NtAllocate|HeapCreate|MapView|CreateThread|LoadLibrary|GetProcAddress)'; then
	echo "replicas/build.sh: the unpack step reaches memory or code other than through pin.c" >&2
	exit 1
fi

cc ffmpeg/ffmpeg.c ffmpeg.o
cc ffmpeg/dllmain.c dllmain.o
cc ffmpeg/dllmain.c dllmain.clean.o -DCLEAN
res ffmpeg/ffmpeg.rc ffmpeg.res.o
cd "$work"
$prefix-gcc "${dll[@]}" ffmpeg.o dllmain.o unpack.o pin.o pinned.o ffmpeg.res.o "${link[@]}" $guard -lbcrypt \
	-Wl,--out-implib,libffmpeg.a -o "$out/ffmpeg.dll"
# Linked in a folder of its own under the name it is installed by: that name
# stands in the export directory.
mkdir clean
$prefix-gcc "${dll[@]}" ffmpeg.o dllmain.clean.o ffmpeg.res.o "${link[@]}" $guard -o clean/ffmpeg.dll
mv clean/ffmpeg.dll "$out/ffmpeg.clean.dll"
cd "$src"

# The system's printf: the compiler's own would be most of the program.
cc app/3cxdesktopapp.c app.o -D__USE_MINGW_ANSI_STDIO=0
res app/3cxdesktopapp.rc app.res.o
$prefix-gcc "$work/app.o" "$work/app.res.o" "${link[@]}" -lffmpeg $guard -o "$out/3CXDesktopApp.exe"

# The container twice: signed, and unsigned with 64 KiB set aside.
head -c 65536 /dev/zero >"$work/reserved.bin"
cc d3dcompiler/d3dcompiler_47.c d3d.o
res d3dcompiler/d3dcompiler_47.rc d3d.res.o
res d3dcompiler/reserved.rc d3d.reserved.res.o
mkdir "$work/plain" "$work/reserved"
for variant in plain:d3d.res.o reserved:d3d.reserved.res.o; do
	$prefix-gcc "${dll[@]}" -nostdlib -Wl,--entry=DllMain "$work/d3d.o" "$work/${variant#*:}" "${link[@]}" $guard \
		-o "$work/${variant%:*}/d3dcompiler_47.dll"
done
mv "$work/reserved/d3dcompiler_47.dll" "$out/d3dcompiler_47.unsigned.dll"

"$work/finish" "$out"/ffmpeg*.dll "$out/3CXDesktopApp.exe" "$out/d3dcompiler_47.unsigned.dll" "$work/plain/d3dcompiler_47.dll"
sign() { osslsigncode sign -certs signing/TEST-certificate.pem -key signing/TEST-key.pem -h sha256 -time $signing_time \
	-n "benign sidetrace replica" -in "$1" -out "$2" >/dev/null; }
sign "$work/plain/d3dcompiler_47.dll" "$out/d3dcompiler_47.dll"

# The ordinary programs, each of which resembles some part of the chain.
ordinary() {
	cc "ordinary/$1.c" "$1.o" -D__USE_MINGW_ANSI_STDIO=0
	res "ordinary/$1.rc" "$1.res.o"
	$prefix-gcc "$work/$1.o" "$work/$1.res.o" "${link[@]}" "${@:2}" $guard -o "$out/$1.exe"
}
ordinary updater -lwinhttp
ordinary player -lffmpeg
ordinary admin
ordinary packed
ordinary setup
"$work/finish" "$out"/{updater,player,admin,setup}.exe
"$work/finish" -encode .pack "$out/packed.exe"
mv "$out/setup.exe" "$work/setup.exe"
sign "$work/setup.exe" "$out/setup.exe"

echo "$version" >"$out/COMPILER"
if [ "${1-}" = --check ]; then
	diff -r "$out" "$prebuilt"
	echo "replicas/build.sh: the committed replicas are what their sources give"
else
	mkdir -p "$prebuilt"
	rm -f "$prebuilt"/*
	cp "$out"/* "$prebuilt"
fi
