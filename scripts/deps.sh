#!/bin/sh
# Installs what a make target needs and the machine lacks, and says so first.
#
#   scripts/deps.sh build      a C compiler, pkg-config, libunicorn 2.1.1
#   scripts/deps.sh test       build, osslsigncode, wine64
#   scripts/deps.sh replicas   build, osslsigncode, the mingw-w64 compiler
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
say() { printf 'deps: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

have_unicorn() { pkg-config --exists "unicorn >= $UNICORN" 2>/dev/null; }
have_cmd()     { command -v "$1" >/dev/null 2>&1; }
as_root()      { if [ "$(id -u)" = 0 ]; then "$@"; elif have_cmd sudo; then sudo "$@"; else die "root (or sudo) is needed for: $*"; fi; }

want=""
need() { want="$want $1"; }

case "${1:-build}" in
build|test|replicas) target=${1:-build} ;;
*) die "usage: deps.sh build|test|replicas" ;;
esac

have_cmd go  || die "Go is missing; install it first (see go.mod for the version)"
have_cmd gcc || need gcc
[ -e /usr/include/stdlib.h ] || need libc6-dev
have_cmd pkg-config || need pkg-config
case $target in
test)     have_cmd osslsigncode || need osslsigncode
          { have_cmd wine64 || [ -x /usr/lib/wine/wine64 ]; } || need wine64 ;;
replicas) have_cmd osslsigncode || need osslsigncode
          have_cmd x86_64-w64-mingw32-gcc || need gcc-mingw-w64-x86-64 ;;
esac
unicorn=no
have_unicorn || unicorn=yes

[ -n "$want" ] || [ $unicorn = yes ] || exit 0
have_cmd apt-get || die "missing:$want$([ $unicorn = yes ] && echo " libunicorn-dev >= $UNICORN"); install by hand, this is no Debian"

# debian_source prints "URI KEYRING" of the machine's own Debian archive.
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

say "installing:$want$([ $unicorn = yes ] && echo " libunicorn-dev ($UNICORN)")"
as_root apt-get update -qq
if [ $unicorn = yes ]; then
	candidate=$(apt-cache policy libunicorn-dev | awk '/Candidate:/{print $2}')
	if ! dpkg --compare-versions "${candidate:-0}" ge "$UNICORN"; then
		pin_trixie
		as_root apt-get update -qq
	fi
	need libunicorn-dev
fi
# shellcheck disable=SC2086 # the list is meant to be split
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $want >/dev/null
have_unicorn || die "libunicorn $UNICORN is still not found by pkg-config"
