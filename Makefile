# Everything a newcomer needs stands here: `make run` to see it, `make check`
# before a commit. Both install what is missing on a bare Debian with Go.

export GOTOOLCHAIN := local
export GOFLAGS := -trimpath

GO ?= go
RUN_PACKAGES := postgresql chromium-headless-shell
TEST_PACKAGES := xmlsec1 libxml2-utils poppler-utils zbar-tools libnss3-tools openssl softhsm2
RACE_PACKAGES := gcc libc6-dev

# Generated files are committed; their digest before and after tells whether
# somebody forgot to generate.
GENERATED = find . -name '*_templ.go' -not -path './var/*' | LC_ALL=C sort | xargs -r sha256sum

.DEFAULT_GOAL := help
.PHONY: help setup setup-run run build signer verifier test test-check test-race e2e bench lighthouse fuzz fuzz-check check check-generated lint fmt generate

help: ## the targets of this file
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: setup-run ## installs what running and testing need
	@.ci/install $(TEST_PACKAGES)

setup-run:
	@.ci/install $(RUN_PACKAGES)

run: setup-run build ## builds the demonstration in ./var, once, and serves it
	@bin/hocba seed --if-empty
	@bin/hocba serve

build: ## builds bin/hocba, static
	CGO_ENABLED=0 $(GO) build -o bin/hocba ./cmd/hocba

# Small enough for a mail: more than 15 MB is an error.
VERIFIER_MOST := 15728640
signer: ## builds bin/hocba-signer, which keeps PKCS#11 drivers out of the portal (needs a C compiler)
	@.ci/install $(RACE_PACKAGES)
	CGO_ENABLED=1 $(GO) build -o bin/hocba-signer ./cmd/hocba-signer

verifier: ## builds bin/hocba-verify for Linux, Windows and macOS: small programs anyone may carry away
	@for target in linux/amd64 windows/amd64 darwin/arm64; do \
		out=bin/hocba-verify-$${target%/*}; [ $${target%/*} = windows ] && out=$$out.exe; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -ldflags '-s -w' -o $$out ./cmd/hocba-verify || exit 1; \
		size=$$(wc -c < $$out); echo "$$out $$size"; \
		if [ $$size -gt $(VERIFIER_MOST) ]; then echo "$$out is too large" >&2; exit 1; fi; \
	done; cp bin/hocba-verify-linux bin/hocba-verify

test: setup ## runs every test, the browser stories too
	$(GO) test -timeout 12m ./...

e2e: setup ## runs the browser stories only
	$(GO) test -count=1 -timeout 10m ./e2e/...

# The check looks for races in the packages, and in the tests of the large ones,
# that share something between goroutines; most of the rest is plain computation,
# which the detector makes three times slower. `make test-race` looks in all.
RACED := internal/(paper|registry|signing)$$|internal/signing/(token|remote|revocation|sandbox|software)$$|cmd/hocba-signer$$|db/cluster$$|static$$
SHARED := Live|Job|Batch|Throttle|Session|TwoTabs|AtOnce|Race|Courier|Stop|Kill|GoesOn|Resume|Twice
test-check: setup
	@.ci/install $(RACE_PACKAGES)
	$(GO) list ./... | grep -vE '$(RACED)' | xargs -r $(GO) test -timeout 12m
	$(GO) list ./... | grep -E '$(RACED)' | xargs -r $(GO) test -race -timeout 12m
	$(GO) test -race -timeout 10m -run '$(SHARED)' ./handlers ./db ./internal/jobs

test-race: setup ## runs every test but the stories with the race detector (by hand)
	@.ci/install $(RACE_PACKAGES)
	$(GO) list ./... | grep -v /e2e | xargs -r $(GO) test -race -timeout 20m

bench: setup ## prints figures, baselines and what was asked, in three minutes; some of them: make bench ONLY=signing
	@BENCH=1 $(GO) -C e2e/bench test -count=1 -timeout 10m -run '^TestBench$$'

lighthouse: setup ## scores pages as a phone on a slow line sees them (by hand; needs npm)
	@command -v npm >/dev/null || .ci/install nodejs npm
	@test -x var/lighthouse/node_modules/.bin/lighthouse || \
		npm install --silent --no-audit --no-fund --prefix var/lighthouse lighthouse@12.8.2
	@LIGHTHOUSE="$$PWD/var/lighthouse/node_modules/.bin/lighthouse" $(GO) -C e2e test -count=1 -timeout 20m -run '^TestLighthouse$$'

# Hostile bytes for the readers of files, one after the other; longer by hand: make fuzz FUZZ_TIME=10m, or one of
# them: make fuzz FUZZ=internal/verify:FuzzPDF. What makes an input interesting is found soon or not at all: without a
# bound on that search one input of 40 KB takes the whole time.
FUZZ_TIME ?= 10s
FUZZ_READERS := internal/signing/xades:FuzzParse internal/signing/pades:FuzzOpen
FUZZ ?= $(FUZZ_READERS) internal/signing/xades:FuzzCanonical internal/signing/xades:FuzzVerify internal/bundle:FuzzOpen internal/verify:FuzzFile internal/verify:FuzzPDF \
	internal/signing/cms:FuzzParse internal/signing/timestamp:FuzzParse internal/signing/revocation:FuzzReadCRL
fuzz: ## feeds the readers of files hostile bytes, ten seconds each
	@for t in $(FUZZ); do \
		$(GO) test -run '^$$' -fuzz "^$${t#*:}$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 20x ./$${t%:*} || exit 1; \
	done

fuzz-check:
	@$(MAKE) --no-print-directory fuzz FUZZ='$(FUZZ_READERS)'

check: check-generated lint test-check fuzz-check build verifier ## everything that must hold before a commit is shared

check-generated:
	@before=$$($(GENERATED)); $(MAKE) --no-print-directory generate || exit 1; \
	if [ "$$before" != "$$($(GENERATED))" ]; then \
		echo 'Generated files were out of date; commit what "make generate" wrote.' >&2; exit 1; \
	fi

lint:
	@bad=$$(git ls-files -co --exclude-standard '*.go' | xargs -r gofmt -l); \
	if [ -n "$$bad" ]; then echo "Not formatted (make fmt):" $$bad >&2; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

fmt: ## formats Go and templ files
	gofmt -w $$(git ls-files -co --exclude-standard '*.go')
	$(GO) tool templ fmt .

generate: ## regenerates the Go code of the templ files
	@$(GO) tool templ generate -log-level error
