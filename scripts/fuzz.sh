#!/usr/bin/env bash
# Runs fuzz targets of the module for FUZZTIME (default 15s) each, one after
# another, since go test takes one target of one package at a time.
#
#   scripts/fuzz.sh             all
#   scripts/fuzz.sh REGEXP      those whose names it fits
set -euo pipefail
cd "$(dirname "$0")/.."

for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do
	listed=$(go test -list '^Fuzz' "$package")
	for target in $(grep '^Fuzz' <<<"$listed" | grep -E "${1:-.}" || true); do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-15s}" -parallel 2 "$package"
	done
done
