# Everything a contributor runs. `make` alone prints what there is.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

TOOLS := $(CURDIR)/.tools
BIN := $(TOOLS)/bin
GOLANGCI_VERSION := v2.15.0
# The tools' binaries carry their version in a stamp: a new version is built.
GOLANGCI := $(BIN)/golangci-lint-$(GOLANGCI_VERSION)

# The modules that are tested and linted as the library is.
MODULES := . examples/services integration integration/sdks

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

.PHONY: test
test: ## all tests that need nothing but Go, without those with SDKs of clouds
	go test ./...
	go test -C examples/services ./...

.PHONY: race
race: ## the same with the race detector, and with SDKs of clouds
	@for module in $(MODULES); do (set -x; go test -C $$module -race ./...) || exit; done

.PHONY: lint
lint: $(GOLANGCI) ## vet, formatting, and the architecture (see .golangci.yml)
	@for module in $(MODULES); do (cd $$module; set -x; go vet ./... && $(GOLANGCI) run ./...) || exit; done
	cd integration && go vet -tags integration,backends ./... && $(GOLANGCI) run --build-tags integration,backends ./...

$(GOLANGCI):
	mkdir -p $(BIN)
	GOBIN=$(BIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(BIN)/golangci-lint $@

.PHONY: generate
generate: ## rewrite generated files: docs/telemetry.md and the list of registry keys
	go generate ./...

.PHONY: check-generated
check-generated: generate ## fail if generated files or go.mod are stale
	@for module in $(MODULES); do (set -x; go -C $$module mod tidy -diff) || exit; done
	git diff --exit-code -- docs internal/semconv

.PHONY: prices
prices: ## rewrite the default price list from LiteLLM's; REF=tag or commit, or FILE=copy with REF=version DATE=day
	go run ./metrics/internal/genprices -dir metrics $(if $(REF),-ref $(REF)) $(if $(DATE),-date $(DATE)) $(if $(FILE),-file $(FILE))

.PHONY: update
update: ## rewrite the golden files; review the diff
	go test ./examples/rag ./examples/docanalysis ./examples/gettingstarted/wrapped ./examples/gettingstarted/registered ./agents ./chains ./models ./vectorstore ./retrieval/index -update

.PHONY: bench
bench: ## benchmarks, without tests
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: bench-floor
bench-floor: ## time of a wrapped model call, code by hand = 1: the mean over 8 layouts of the binary
	@for seed in 1 2 3 4 5 6 7 8; do \
	  go test ./models -run '^$$' -bench AgainstFloor -benchtime 40x -ldflags=-randlayout=$$seed; \
	done | awk '/x-floor/ { sub(/^BenchmarkAgainstFloor\//, ""); sub(/-[0-9]+$$/, "", $$1); q = $$(NF-1); \
	  if (!n[$$1]++) { order[++kinds] = $$1; least[$$1] = most[$$1] = q } sum[$$1] += q; \
	  if (q < least[$$1]) least[$$1] = q; if (q > most[$$1]) most[$$1] = q } \
	  END { for (i = 1; i <= kinds; i++) { k = order[i]; printf "%-24s %.2f (%.2f to %.2f)\n", k, sum[k] / n[k], least[k], most[k] } }'

.PHONY: fuzz
fuzz: ## each fuzz test for 30 seconds
	@for module in $(MODULES); do go -C $$module list -f '{{.Dir}}' ./...; done | while read -r dir; do \
	  grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$$dir"/*_test.go 2>/dev/null | sed 's/^func //' | while read -r f; do \
	    echo "$$f in $${dir#$(CURDIR)/}"; (cd "$$dir" && go test -run '^$$' -fuzz "^$$f\$$" -fuzztime 30s .); \
	  done; \
	done

.PHONY: collector
collector: ## build the OpenTelemetry Collector that the integration tests use
	integration/collector/build.sh $(TOOLS)

.PHONY: postgres
postgres: ## install the Postgres that the integration tests use, if there is npm
	integration/postgres/install.sh $(TOOLS)

.PHONY: weaviate
weaviate: ## build the Weaviate that the integration tests use
	integration/weaviate/build.sh $(TOOLS)

.PHONY: browser
browser: ## look at the pages of traceview with a headless Chromium, which is installed where that is possible
	integration/browser/install.sh $(TOOLS)
	go test -C integration -tags integration -count 1 -v -timeout 10m ./browser

.PHONY: pictures
pictures: ## rewrite docs/pictures
	integration/browser/install.sh $(TOOLS)
	mkdir -p docs/pictures
	PICTURES=$(CURDIR)/docs/pictures go test -C integration -tags integration -count 1 -v -run TestPictures ./browser

.PHONY: backends
backends: ## compare what MLflow and Phoenix, installed with pip, show of the examples with what these sent
	integration/backends/install.sh $(TOOLS)
	go test -C integration -tags integration,backends -count 1 -v -timeout 15m ./backends

.PHONY: load
load: ## 2,000 spans a second for a minute into the Recorder, while its page is asked for
	go test ./traceview -run TestLoad -load 60s -count 1 -v

.PHONY: integration
integration: collector postgres weaviate ## tests against real servers, built and started here
	@# The timeout is for the two modules that a test compiles, when nothing is cached.
	go test -C integration -race -tags integration -count 1 -timeout 30m ./...

.PHONY: release-check
release-check: check-generated ## what a release must pass besides `make ci`: vet, tidy, generated files, docs, licences, API
	@for module in $(MODULES); do (set -x; go -C $$module vet ./...) || exit; done
	go test -count 1 -run 'Licences|Modules|Importing|Links|EveryPage|Readme|Examples|Sentences|Questions' .
	go test -count 1 ./docs/... ./examples/gettingstarted
	@if tag=$$(git describe --tags --abbrev=0 2>/dev/null); then set -x; go run golang.org/x/exp/cmd/gorelease@latest -base=$$tag; \
	else echo "no tag yet: there is no API to compare with"; fi

.PHONY: lines
lines: ## non-test lines of the library, by package
	@git ls-files '*.go' | grep -vE '_test\.go$$|^(examples|integration|cmd|docs)/|^internal/(oteltest|storetest|spantree|testenv|semconv/internal)/|wiretest/' | \
	  xargs wc -l | awk '$$2 != "total" { d = $$2; if (!sub("/[^/]*$$", "", d)) d = "."; n[d] += $$1; t += $$1 } END { for (d in n) print n[d], d; print t, "total" }' | sort -rn

.PHONY: precommit
precommit: generate lint race ## what to run before a commit

.PHONY: ci
ci: ## what must pass before anything lands
	.ci/run
