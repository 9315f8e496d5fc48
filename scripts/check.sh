#!/usr/bin/env bash
# Checks what must hold before a change is merged. Every check runs, so that
# one pass shows all there is to mend; the exit code is 1 if any of them failed.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
check() { # name command…
	local name=$1
	shift
	printf '== %s\n' "$name"
	"$@" || failed+=("$name")
}

sources() {
	if git rev-parse HEAD >/dev/null 2>&1; then git ls-files '*.go'; else find . -name '*.go'; fi
}

formatted() {
	local files
	files=$(sources | xargs -r gofmt -l)
	[ -z "$files" ] || { printf 'not formatted (make fmt):\n%s\n' "$files"; return 1; }
}

# Generators rewrite tracked files; a difference to the commit is a stale file.
fresh() {
	go generate ./... || return 1
	clean
}

clean() {
	git rev-parse HEAD >/dev/null 2>&1 || { echo 'no version control here, not checked'; return 0; }
	local dirty
	dirty=$(git status --porcelain --untracked-files=no)
	[ -z "$dirty" ] || { printf 'differs from the commit:\n%s\n' "$dirty"; return 1; }
}

check 'gofmt' formatted
check 'go vet' go vet ./...
check 'staticcheck' go tool staticcheck ./...
check 'go mod tidy' go mod tidy -diff
check 'go test -race' go test -race ./...
check 'generated files and clean tree' fresh

[ ${#failed[@]} -eq 0 ] || { printf 'check failed: %s\n' "$(IFS=,; echo "${failed[*]}")" >&2; exit 1; }
