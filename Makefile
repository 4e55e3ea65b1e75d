# Two commands matter: make demo and make test. docs/HACKING.md tells the rest.

GO      ?= go
LDFLAGS  = -s -w
TARGETS  = linux/amd64 linux/arm64 windows/amd64 darwin/arm64

.PHONY: demo build test race fuzz lint cross clean generate

## demo: build, and watch one question go to this host and come back
demo: build
	@scripts/demo

## build: the program, at bin/goshawk
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/goshawk ./cmd/goshawk

## test: everything that needs no server and at most 10 minutes
test:
	@scripts/needs ps find stat sha256sum
	$(GO) test -timeout 10m ./...

## race: the same, with the race detector
race:
	$(GO) test -race -timeout 20m ./...

## fuzz: each fuzz target for FUZZTIME (5s)
fuzz:
	@scripts/fuzz

## lint: gofmt, vet, staticcheck
lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

## cross: build for every system
cross:
	@for t in $(TARGETS); do \
		echo "build $$t"; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o /dev/null ./cmd/goshawk || exit 1; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) vet ./... || exit 1; \
	done

## generate: code that is made from .proto files
generate:
	$(GO) generate ./...

clean:
	rm -rf bin demo-data
