# sidetrace: `make run` runs every scenario, `make test` every test.
# Each target installs first what it needs and the machine lacks (scripts/deps.sh).

SHELL     := bash
TESTFLAGS ?=
FUZZTIME  ?= 15s
FUZZ      ?= .
BENCH     ?= .
COUNT     ?= 1

# Version control is asked only where it answers: a clone owned by another user
# (a mounted folder) would otherwise not build at all.
VCS := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)

.DEFAULT_GOAL := help
.PHONY: help run test build check bench replicas programs corpus fuzz generate fmt clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## run every scenario and show what each chain did, in order, and which rules fired
	bin/sidetrace run --show behaviours,detections

test: ## run every test (TESTFLAGS=-v for each by name)
	@scripts/deps.sh test
	go test $(TESTFLAGS) ./...

build: ## build bin/sidetrace
	@scripts/deps.sh build
	go build -buildvcs=$(VCS) -o bin/sidetrace ./cmd/sidetrace

check: ## what must hold before a change is merged: format, vet, staticcheck, race, generated files, tidy, clean tree
	@scripts/deps.sh test
	@scripts/check.sh

bench: ## run the benchmarks and summarise them (BENCH=regexp COUNT=n)
	@scripts/deps.sh build
	@mkdir -p out
	set -o pipefail; go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./... | tee out/bench.txt
	go tool benchstat out/bench.txt

replicas: ## rebuild the committed replicas from their C sources, byte for byte
	@scripts/deps.sh replicas
	replicas/build.sh

programs: ## rebuild the programs compared with Wine, and record what Wine says
	@scripts/deps.sh programs
	emulator/testdata/windows/build.sh

corpus: ## load every DLL of Wine, mingw-w64 and NSIS and say what became of each (out/corpus.md)
	@scripts/deps.sh corpus
	go run ./scripts/corpus

fuzz: ## fuzz every parser and the emulator for a short while (FUZZTIME=15s FUZZ=regexp)
	@scripts/deps.sh build
	FUZZTIME=$(FUZZTIME) scripts/fuzz.sh '$(FUZZ)'

generate: ## rewrite the generated documents
	@scripts/deps.sh build
	go generate ./...

fmt: ## format the Go sources
	gofmt -w $$(git ls-files '*.go')

clean: ## remove what was built
	rm -rf bin out
