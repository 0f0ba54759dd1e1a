#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the OpenTelemetry Collector the integration tests send to.
#
# usage: build.sh OUTDIR
#
#   OUTDIR/bin/builder            the collector builder
#   OUTDIR/collector/             the generated module
#   OUTDIR/bin/otelcol-spanloom   the collector
#   OUTDIR/collector.log          what the tools printed
#   OUTDIR/collector.stamp        what it was built from
set -euo pipefail

builder_version=v0.164.0

if [ $# -ne 1 ]; then
	echo "usage: $0 OUTDIR" >&2
	exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1/bin"
out=$(cd "$1" && pwd)
config=$here/builder.yaml
binary=$out/bin/otelcol-spanloom
stamp=$out/collector.stamp

# This script is part of the sum because it pins the builder and writes go.mod.
# cksum rather than sha256sum: it is the one that every Unix has.
want=$(cat "$config" "$here/build.sh" | cksum)
if [ -x "$binary" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
	echo "collector: up to date"
	exit 0
fi
rm -f "$stamp"

# The caller's settings are for the caller's module. A workspace file further up
# would refuse the generated module, a -mod or -modfile in GOFLAGS would overrule
# it, and GOOS or GOARCH would make "go install" refuse GOBIN.
export GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=0
unset GOOS GOARCH

# go names every module it downloads, more than a hundred, and repeats an unresolved
# version for every import that needs it.
log=$out/collector.log
: >"$log"
quietly() {
	if ! "$@" >>"$log" 2>&1; then
		grep -v '^go: downloading ' "$log" | sed -n 1,40p >&2
		echo "collector: failed; everything is in $log" >&2
		return 1
	fi
}

echo "collector: installing builder $builder_version"
GOBIN=$out/bin quietly go install -buildvcs=false "go.opentelemetry.io/collector/cmd/builder@$builder_version"

echo "collector: generating sources"
rm -rf "$out/collector"
cd "$out"
quietly ./bin/builder --config "$config" --skip-get-modules --skip-compilation

# --skip-get-modules leaves out go.mod as well. The builder's own would ask for the
# otelcol of the builder's version and be tidied, which fails on modules that only
# tests use. otelcol is released in step with service; it is required here because
# -mod=mod takes the newest version of whatever nothing requires.
modules=$(sed -n 's/^[- ]*gomod: *\([^ ]* v[^ ]*\) *$/\1/p' "$config")
otelcol=$(sed -n "s|^go.opentelemetry.io/collector/service ||p" <<<"$modules")
if [ -z "$otelcol" ]; then
	echo "collector: builder.yaml names no go.opentelemetry.io/collector/service version" >&2
	exit 1
fi
{
	echo "module github.com/spanloom/spanloom/integration/collector/otelcol-spanloom"
	echo
	echo "go 1.25.0"
	echo
	echo "require ("
	sed 's/^/	/' <<<"$modules"
	echo "	go.opentelemetry.io/collector/otelcol $otelcol"
	echo ")"
} >"$out/collector/go.mod"

echo "collector: compiling (a few minutes when nothing is cached)"
cd "$out/collector"
quietly go build -mod=mod -buildvcs=false -trimpath -ldflags="-s -w" -o "$binary" .

echo "$want" >"$stamp"
echo "collector: built $("$binary" --version)"
