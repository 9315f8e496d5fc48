#!/usr/bin/env bash
# Runs each fuzz target of the module for FUZZTIME (default 15s), one after
# another: go test takes one target of one package at a time.
set -euo pipefail
cd "$(dirname "$0")/.."

for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do
	listed=$(go test -list '^Fuzz' "$package")
	for target in $(grep '^Fuzz' <<<"$listed" || true); do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-15s}" -parallel 2 "$package"
	done
done
