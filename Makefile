# make run     build, and serve a demo that one softphone is enough to try
# make test    every test, end to end with sipp, baresip and linphone too
# make web     build the web application again, which needs Node
# make shots   pictures of every page, light and dark, desk and phone, into STROWGER_SHOTS
# make weight  what every page weighs, and when it can be used
# make check   gofmt, vet, staticcheck, import directions
# make race    every test under the race detector, the daemon too
# make bench   benchmarks      make fuzz  every fuzz target, FUZZTIME each
# make soak    calls, registrations, changes and malformed packets at once, for STROWGER_SOAK
# make mutations  STROWGER_MUTATIONS spoiled messages while calls are up
# make storm   STROWGER_STORM phones, 50,000, register at once after a kill
# make kills   STROWGER_KILLS times, 100, kill -9 while everything is at work

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    ?= 20s
PKG         ?= ./...
BENCHTIME   ?= 1s
export STROWGER_SOAK STROWGER_MUTATIONS STROWGER_STORM STROWGER_KILLS

.PHONY: all build web shots weight run test race bench fuzz soak mutations storm kills check needs needs-race clean

all: build

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o strowger ./cmd/strowger

# Kept in the repository, so that build needs Go alone.
web:
	.ci/web

shots: export STROWGER_SHOTS := $(abspath $(or $(STROWGER_SHOTS),shots))
shots weight: build
	@.ci/needs
	cd provisioning/web/app && npm ci --no-audit --no-fund --loglevel=error
	cd provisioning/web/app && STROWGER_BINARY=$(CURDIR)/strowger node e2e/pages.mjs $@

run: build
	./strowger serve --demo

needs:
	@.ci/needs

needs-race:
	@.ci/needs race

test: needs
	$(GO) test -timeout 20m $(PKG)

race: needs-race
	CGO_ENABLED=1 $(GO) test -race -timeout 30m $(PKG)

bench:
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) $(PKG)

# Each target alone, because go test fuzzes one at a time.
fuzz:
	@set -e; for pkg in $$($(GO) list $(PKG)); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "fuzz $$pkg $$target for $(FUZZTIME)"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

# The daemon and the test run under the race detector.
soak: STROWGER_SOAK := $(or $(STROWGER_SOAK),60s)
soak: needs-race
	CGO_ENABLED=1 $(GO) test -race -count 1 -timeout 0 -v -run '^TestSoak$$' ./cmd/strowger/e2e

mutations: STROWGER_MUTATIONS := $(or $(STROWGER_MUTATIONS),1000000)
mutations:
	$(GO) test -count 1 -timeout 0 -v -run '^TestMutations$$' ./cmd/strowger/e2e

storm: STROWGER_STORM := $(or $(STROWGER_STORM),50000)
storm:
	$(GO) test -count 1 -timeout 0 -v -run '^TestStorm$$' ./cmd/strowger/e2e

kills: STROWGER_KILLS := $(or $(STROWGER_KILLS),100)
kills:
	$(GO) test -count 1 -timeout 0 -v -run '^TestKill$$' ./cmd/strowger/e2e

check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) test -run '^TestArrows' ./cmd/strowger

clean:
	rm -f strowger
