# Every target works on a fresh machine with Go; `make help` lists them.
SHELL := /bin/bash
TEMPL := go run github.com/a-h/templ/cmd/templ@v0.3.977
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.7.0
PKGS ?= ./...

.DEFAULT_GOAL := help
.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: ## a believable made-up province on http://127.0.0.1:8080
	go run ./cmd/gonghui demo

.PHONY: build
build: ## the one program, in bin/
	go build -trimpath -o bin/gonghui ./cmd/gonghui

.PHONY: gen
gen: ## pages from templates, api/openapi.yaml and docs/flows from code
	$(TEMPL) generate -path internal/face
	gofmt -w $$(git ls-files '*_templ.go')
	go run ./cmd/gonghui openapi > api/openapi.yaml
	go run ./cmd/gonghui flows docs/flows

.PHONY: assets
assets: ## style sheets and scripts from web/ (needs Node)
	cd web && ../scripts/with-node npm ci --no-audit --no-fund && ../scripts/with-node npm run build

.PHONY: fmt
fmt: ## gofmt and templ fmt
	gofmt -w $$(git ls-files '*.go' | grep -v _templ.go)
	$(TEMPL) fmt internal/face

.PHONY: lint
lint: ## gofmt, vet, staticcheck, and the laws of the house
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo 'gofmt wants to change:'; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	go test ./internal/laws

.PHONY: test
test: ## everything: both databases, race detector, browser journeys; installs what is missing
	scripts/install-test-parts
	scripts/with-postgres scripts/test

.PHONY: test-quick
test-quick: ## SQLite only, no race detector, nothing installed
	go test $(PKGS)

.PHONY: bench
bench: ## one line a figure: name, value, unit
	scripts/with-postgres go run ./cmd/gonghui bench

.PHONY: verify-gen
verify-gen: gen ## fails when a generated file is stale
	scripts/unchanged internal/face api docs/flows

.PHONY: verify-assets
verify-assets: ## fails when a style sheet or script is stale (needs Node)
	scripts/verify-assets
