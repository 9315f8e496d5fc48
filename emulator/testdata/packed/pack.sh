#!/usr/bin/env bash
# Packs the programs of packed.txt anew: see README.md.
set -euo pipefail
cd "$(dirname "$0")"

upx=${PACKER:-$(command -v upx || command -v upx-ucl || true)}
[ -n "$upx" ] || { echo "pack.sh: upx is not installed" >&2; exit 1; }
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
export WINEPREFIX=${WINEPREFIX:-${XDG_CACHE_HOME:-$HOME/.cache}/sidetrace-wine} WINEDEBUG=-all

while read -r name original method _; do
	rm -f "$name"
	"$upx" -q -q -f --best "--$method" -o "$name" "$original" >/dev/null
	touch -d @0 "$name"
	sum=$(sha256sum "$original" | cut -d' ' -f1)
	echo "$name $original $method $sum"
	if [ -x "$wine" ] && [ -f "${original%.exe}.txt" ]; then
		mkdir -p "$WINEPREFIX"
		{ code=0; timeout 60 "$wine" "$name" </dev/null 2>/dev/null || code=$?; echo "exit $code"; } | tr -d '\r' |
			diff - "${original%.exe}.txt" >&2 || { echo "pack.sh: $name does not print what $original does" >&2; exit 1; }
	fi
done <packed.txt >packed.new
mv packed.new packed.txt
