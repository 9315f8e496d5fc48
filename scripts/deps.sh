#!/bin/sh
# Installs what a make target needs and the machine lacks, and says so first.
#
#   scripts/deps.sh build      a C compiler, pkg-config, libyara, libunicorn 2.1.1
#   scripts/deps.sh test       build, osslsigncode; wine64, yara and chromium (their tests are skipped without them)
#   scripts/deps.sh replicas   build, osslsigncode, the mingw-w64 compiler
#   scripts/deps.sh programs   the mingw-w64 compilers, wine64
#   scripts/deps.sh corpus     build, packages of Windows DLLs: Wine, zlib, libgpg-error, mingw-w64's run-time, NSIS
#
# Go itself is not installed. Debian 12 or newer; elsewhere the script names
# what is missing and stops, so that it can be installed by other means.
#
# libunicorn: releases differ by more than ten times in the cost of a guest
# store or call (docs/rationale.md), so 2.1.1 is what this project is
# built and measured with. Debian 13 has it. On an older suite it is taken from
# trixie with every other package of trixie pinned away.
set -eu

UNICORN=2.1.1
cd "$(dirname "$0")/.."

say() { printf 'deps: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

have_yara()    { pkg-config --exists yara 2>/dev/null; }
have_unicorn() { pkg-config --exists "unicorn >= $UNICORN" 2>/dev/null; }
have_cmd()     { command -v "$1" >/dev/null 2>&1; }
have_wine()    { have_cmd wine64 || [ -x /usr/lib/wine/wine64 ]; }
can_root()     { [ "$(id -u)" = 0 ] || have_cmd sudo; }
as_root()      { if [ "$(id -u)" = 0 ]; then "$@"; elif have_cmd sudo; then sudo "$@"; else die "root (or sudo) is needed for: $*"; fi; }

# at_least A B: version A is B or newer.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$2" ]; }

# check_go stops where Go is missing or too old to fetch the toolchain go.mod
# asks for by itself, which Go does since 1.21.
check_go() {
	wanted=$(sed -n 's/^go //p' go.mod)
	have_cmd go || die "Go is missing; install $wanted or newer first (https://go.dev/doc/install)"
	found=$(go env GOVERSION 2>/dev/null | sed 's/^go//')
	at_least "${found:-0}" "$wanted" || die "Go ${found:-of an unknown version} is too old; install $wanted or newer (https://go.dev/doc/install)"
}

want=""     # without these the target fails
optional="" # without these some tests are skipped
need() { want="$want $1"; }

target=${1:-build}
case $target in
build|test|replicas|programs|corpus) ;;
*) die "usage: deps.sh build|test|replicas|programs|corpus" ;;
esac

check_go
have_cmd gcc || need gcc
[ -e /usr/include/stdlib.h ] || need libc6-dev
have_cmd pkg-config || need pkg-config
[ -e /etc/ssl/certs/ca-certificates.crt ] || need ca-certificates
have_yara || need libyara-dev
case $target in
test)     have_cmd osslsigncode || need osslsigncode
          have_wine || optional="$optional wine64"
          have_cmd yara || optional="$optional yara"
          have_cmd chromium || have_cmd google-chrome || optional="$optional chromium" ;;
replicas) have_cmd osslsigncode || need osslsigncode
          have_cmd x86_64-w64-mingw32-gcc || need gcc-mingw-w64-x86-64 ;;
programs) have_cmd x86_64-w64-mingw32-gcc || need gcc-mingw-w64-x86-64
          have_cmd x86_64-w64-mingw32-g++ || need g++-mingw-w64-x86-64
          have_cmd clang || have_cmd clang-14 || need clang
          have_cmd lld-link || have_cmd lld-link-14 || need lld
          have_wine || need wine64 ;;
corpus)   have_file() { ls $1 >/dev/null 2>&1; }
          have_file /usr/lib/x86_64-linux-gnu/wine/x86_64-windows/ntdll.dll || need libwine
          have_file /usr/x86_64-w64-mingw32/lib/zlib1.dll || need libz-mingw-w64
          have_file /usr/x86_64-w64-mingw32/bin/libgpg-error-0.dll || need libgpg-error-mingw-w64-dev
          have_file "/usr/lib/gcc/x86_64-w64-mingw32/*/libstdc++-6.dll" || need gcc-mingw-w64-x86-64-posix-runtime
          have_file /usr/share/nsis/Plugins/amd64-unicode/System.dll || need nsis ;;
esac
unicorn=no
have_unicorn || unicorn=yes

skip_optional() { say "not installed ($1):$optional: tests that need it will be skipped"; exit 0; }

if [ -z "$want" ] && [ $unicorn = no ]; then
	[ -n "$optional" ] || exit 0
	have_cmd apt-get || skip_optional "this is no Debian"
	can_root || skip_optional "neither root nor sudo"
fi
have_cmd apt-get || die "missing:$want$([ $unicorn = no ] || echo " libunicorn-dev >= $UNICORN"); install by hand, this is no Debian"

# debian_source prints the address of the machine's own Debian archive.
debian_source() {
	cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '
		/^URIs:/ && $2 !~ /security/ && $2 ~ /debian/ { print $2; exit }'
	sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*debian[^ ]*\) .*/\2/p' /etc/apt/sources.list 2>/dev/null
}

pin_trixie() {
	uri=$(debian_source | grep -v security | head -1)
	[ -n "$uri" ] || die "no Debian archive among the apt sources to take libunicorn $UNICORN from"
	say "adding trixie as a source for libunicorn-dev and libunicorn2t64 only, everything else of it pinned at -1"
	as_root sh -c "cat > /etc/apt/sources.list.d/sidetrace-trixie.sources" <<-SOURCE
		Types: deb
		URIs: $uri
		Suites: trixie
		Components: main
		Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	SOURCE
	as_root sh -c "cat > /etc/apt/preferences.d/sidetrace-trixie" <<-'PIN'
		Package: *
		Pin: release n=trixie
		Pin-Priority: -1

		Package: libunicorn-dev libunicorn2t64
		Pin: release n=trixie
		Pin-Priority: 990
	PIN
}

install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

say "installing:$want$([ $unicorn = no ] || echo " libunicorn-dev ($UNICORN)")$optional"
as_root apt-get update -qq || [ -z "$want" ] || die "the package lists could not be fetched"
if [ $unicorn = yes ]; then
	candidate=$(apt-cache policy libunicorn-dev | awk '/Candidate:/{print $2}')
	if ! dpkg --compare-versions "${candidate:-0}" ge "$UNICORN"; then
		pin_trixie
		as_root apt-get update -qq
	fi
	need libunicorn-dev
fi
# shellcheck disable=SC2086 # the list is meant to be split
[ -z "$want" ] || install $want
have_unicorn || die "libunicorn $UNICORN is still not found by pkg-config"
have_yara || die "libyara is still not found by pkg-config"
# shellcheck disable=SC2086
[ -z "$optional" ] || install $optional || skip_optional "it could not be had"
