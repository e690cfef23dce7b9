# Nothing else knows these commands: continuous integration calls make too.
# The first target prints what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Every tool by its version. They run from the module cache, so they are in nobody's go.mod.
GOFUMPT   := go run mvdan.cc/gofumpt@v0.12.0
LINTER    := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
DEADCODE  := go run golang.org/x/tools/cmd/deadcode@v0.52.0
VULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0

FUZZTIME    ?= 20s
PAIRS       ?= 1000000
CRASH_KILLS ?= 200
FILES       ?= .
ARGS        ?=

# Modules of their own beside the root's.
NESTED := $(patsubst %/go.mod,%,$(wildcard e2e/go.mod bench/go.mod tools/oracle/go.mod))

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: ## build, then start the demo: two accounts, a role between them, commands to paste, the console
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory internal/console/dist/index.html; \
	else echo 'make run: there is no Node to build the console with; all else works'; fi
	@$(MAKE) --no-print-directory build
	exec bin/regent serve --demo $(ARGS)

.PHONY: build
build: ## build bin/regent
	CGO_ENABLED=0 go build -trimpath -o bin/regent ./cmd/regent

.PHONY: aws
aws: .venv/installed ## install a pinned AWS CLI and boto3 into .venv
	@echo 'AWS CLI: $(CURDIR)/.venv/bin/aws'

.venv/installed: e2e/requirements.txt
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r e2e/requirements.txt
	@touch $@

.PHONY: check
check: fmt vet unit generated ## format, vet, unit tests, layout, generate leaves no diff: before every commit

# What continuous integration runs, each once. All of it runs, so that one look
# shows all that is wrong, and the test runners come last with their summaries.
TESTS := fmt vet generated lint size web fuzz-short crash-short race web-e2e e2e

.PHONY: test
test: ## everything that continuous integration runs
	@failed=; \
	for step in $(TESTS); do \
		printf '\n== %s\n' "$$step"; \
		$(MAKE) --no-print-directory "$$step" || failed="$$failed $$step"; \
	done; \
	if [ -n "$$failed" ]; then printf '\nmake test: failed:%s\n' "$$failed"; exit 1; fi

.PHONY: fmt
fmt: ## fail on files that gofumpt would change
	@unformatted=$$($(MAKE) -s gofumpt); \
	if [ -n "$$unformatted" ]; then printf 'not formatted (gofumpt -w them):\n%s\n' "$$unformatted"; exit 1; fi

# gofumpt prints the names of those of FILES that it would change.
.PHONY: gofumpt
gofumpt:
	@$(GOFUMPT) -l $(FILES)

.PHONY: vet
vet: ## go vet of every module
	go vet ./...
	@for module in $(NESTED); do echo "go vet $$module" && (cd "$$module" && go vet ./...); done

.PHONY: unit
unit: ## unit tests
	go test ./...

.PHONY: race
race: ## unit tests with the race detector
	go test -race -timeout 20m ./...

.PHONY: cover
cover: ## unit tests with what they cover, whole and for the packages that decide
	go test -coverprofile=coverage.txt ./...
	@go tool cover -func=coverage.txt | tail -n 1

.PHONY: lint
lint: ## golangci-lint (its first build takes minutes)
	$(LINTER) run ./...

.PHONY: size
size: ## hold the budgets of files and packages and print the largest
	go test -count=1 -v -run '^TestBudgets$$' ./internal/layout

.PHONY: fuzz
fuzz: ## the engine against the naive evaluator on PAIRS (1,000,000) drawn requests, then each fuzz target for FUZZTIME (20s)
	go test -count=1 -timeout 60m -run '^TestEngineAgreesWithTheNaiveEvaluator$$' ./policy -rapid.checks=$(PAIRS)
	@grep -rl --include='*_test.go' --exclude-dir=node_modules --exclude-dir=.cache '^func Fuzz' . | sort | while read -r file; do \
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file" | while read -r target; do \
			(cd "$$(dirname "$$file")" && go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x .) </dev/null; \
		done; \
	done

# So many inputs, not seconds: when time ends while an input runs, Go calls that a failure now and then.
.PHONY: fuzz-short
fuzz-short:
	@$(MAKE) --no-print-directory fuzz FUZZTIME=30000x PAIRS=20000

.PHONY: golden
golden: ## rewrite golden files, then show the diff
	@grep -rl --include='*_test.go' --exclude-dir=node_modules 'flag.Bool("update"' . | xargs -r -n 1 dirname | sort -u | while read -r dir; do \
		(cd "$$dir" && go test . -update) </dev/null; \
	done
	@git --no-pager diff --stat

.PHONY: generate
generate: ## generate code from the API models, the catalog's data and tables
	go generate ./...

# generated fails when generating changes a file: somebody edited it, or forgot to generate.
generated = git ls-files -co --exclude-standard -- '*_gen.go' | LC_ALL=C sort | xargs -r sha256sum
.PHONY: generated
generated:
	@before=$$($(call generated)); \
	$(MAKE) --no-print-directory generate; \
	after=$$($(call generated)); \
	diff <(echo "$$before") <(echo "$$after") || { echo 'make generate changed the files above: commit them'; exit 1; }

.PHONY: coverage
coverage: ## write docs/coverage.md: operations and rules, done and missing
	go run ./internal/coverage/write

.PHONY: e2e
e2e: build ## real clients against the built server
	@if [ ! -f e2e/go.mod ]; then echo 'e2e: there are no end-to-end tests yet'; exit 0; fi; \
	$(MAKE) --no-print-directory .venv/installed; \
	if [ -f e2e/js/package-lock.json ]; then $(MAKE) --no-print-directory e2e/js/node_modules/installed; fi; \
	cd e2e && REGENT_CRASH_KILLS=0 go test -count=1 -timeout 40m ./...

e2e/js/node_modules/installed: e2e/js/package-lock.json
	cd e2e/js && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: crash
crash: build ## kill the server CRASH_KILLS (200) times under load; nothing answered is lost
	@if [ ! -f e2e/go.mod ]; then echo 'crash: there are no end-to-end tests yet'; exit 0; fi; \
	cd e2e && REGENT_CRASH_KILLS=$(CRASH_KILLS) go test -count=1 -v -timeout 40m -run '^TestCrash' ./...

.PHONY: crash-short
crash-short:
	@$(MAKE) --no-print-directory crash CRASH_KILLS=10

.PHONY: web
web: internal/console/dist/index.html ## build, check and test the console; hold the budget of what a browser loads
	cd web && npm run --silent check && npm test && npm run --silent size

internal/console/dist/index.html: web/node_modules/installed $(shell find web -maxdepth 1 -type f) $(shell find web/src web/build -type f 2>/dev/null)
	cd web && npm run build

web/node_modules/installed: web/package-lock.json
	cd web && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: web-e2e
web-e2e: /usr/bin/chromium ## the console in Chromium against the built server; ARGS go to Playwright
	@$(MAKE) --no-print-directory internal/console/dist/index.html build
	cd web && npm run e2e -- $(ARGS)

.PHONY: screenshots
screenshots: /usr/bin/chromium ## take the pictures of docs/guide/console.md anew
	@$(MAKE) --no-print-directory internal/console/dist/index.html build
	cd web && npx playwright test --config e2e/screenshots.config.ts

/usr/bin/chromium:
	$$([ "$$(id -u)" = 0 ] || echo sudo) apt-get install --yes --no-install-recommends chromium

.PHONY: bench
bench: build ## measure against the net/http floor, in one run on this machine
	@if [ -f bench/go.mod ]; then cd bench && go run . $(ARGS); else echo 'bench: there is no benchmark yet'; fi

.PHONY: oracle
oracle: tools/oracle/node_modules/installed ## compare the policy engine with an outside one (docs/oracle.md); needs Node
	cd tools/oracle && go run . $(ARGS)

tools/oracle/node_modules/installed: tools/oracle/package-lock.json
	cd tools/oracle && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: dead
dead: ## functions under internal/ that nothing reaches
	@out=$$($(DEADCODE) -test ./...); grep '^internal/' <<<"$$out" || echo 'dead: none'

.PHONY: vuln
vuln: ## known vulnerabilities in what is linked (skipped where their database is out of reach)
	@out=$$(timeout 300 $(VULNCHECK) ./... 2>&1) && rc=0 || rc=$$?; \
	if [ $$rc -eq 124 ] || grep -q 'fetching vulnerabilities' <<<"$$out"; then \
		echo 'vuln: skipped, the vulnerability database is out of reach'; \
	else echo "$$out"; exit $$rc; fi

.PHONY: hooks
hooks: ## let git run .githooks/pre-commit
	git config core.hooksPath .githooks
