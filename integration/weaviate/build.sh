#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the Weaviate that the integration tests store in, from its Go module. Where
# Weaviate does not compile it builds nothing, says so, and the tests that need it are
# skipped.
#
# usage: build.sh OUTDIR
#
#   OUTDIR/bin/weaviate-server   the server
#   OUTDIR/weaviate/             its source, while it is compiled
#   OUTDIR/weaviate.log          what the tools printed
#   OUTDIR/weaviate.stamp        what it was built from
#   OUTDIR/weaviate.skipped      why there is none
set -euo pipefail

module=github.com/weaviate/weaviate
version=v1.35.2

if [ $# -ne 1 ]; then
	echo "usage: $0 OUTDIR" >&2
	exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1/bin"
out=$(cd "$1" && pwd)
binary=$out/bin/weaviate-server
src=$out/weaviate
stamp=$out/weaviate.stamp
skipped=$out/weaviate.skipped

# The caller's settings are for the caller's module: see ../collector/build.sh.
export GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=0
unset GOOS GOARCH

# Weaviate maps its files into memory as Unix does, and needs addresses of 64 bits.
platform=$(go env GOHOSTOS)/$(go env GOHOSTARCH)
case $platform in
linux/amd64 | linux/arm64 | darwin/amd64 | darwin/arm64) rm -f "$skipped" ;;
*)
	rm -rf "$stamp" "$binary"
	echo "Weaviate does not run on $platform" >"$skipped"
	echo "weaviate: SKIPPED, it does not run on $platform: the store on Weaviate will not be tested" >&2
	exit 0
	;;
esac

want=$(cksum <"$here/build.sh")
if [ -x "$binary" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
	echo "weaviate: up to date"
	exit 0
fi
rm -rf "$stamp" "$binary" "$binary.new" "$src"

log=$out/weaviate.log
: >"$log"
failed() {
	grep -v '^go: downloading ' "$log" | sed -n 1,40p >&2
	echo "weaviate: failed; everything is in $log" >&2
	exit 1
}

echo "weaviate: downloading $version"
cd / # outside of our module, to whose go.sum it might add
modcache=$(go env GOMODCACHE)
go mod download "$module@$version" >>"$log" 2>&1 || failed

# A copy, because three of its servers listen on all interfaces, which no setting
# changes: gRPC, and HTTP and gRPC between nodes. TestStoreOnWeaviate fails if one is
# overlooked.
cp -R "$modcache/$module@$version" "$src"
chmod -R u+w "$src"
cd "$src"
files=$(grep -rl --include='*.go' 'Sprintf(":%d"' adapters) || {
	echo "weaviate: $version binds its servers in another way; adapt $here/build.sh" >&2
	exit 1
}
for file in $files; do
	sed 's/Sprintf(":%d"/Sprintf("127.0.0.1:%d"/' "$file" >"$file.new"
	mv "$file.new" "$file"
done

echo "weaviate: compiling (up to 10 minutes when nothing is cached)"
go build -mod=readonly -trimpath -ldflags="-s -w" -o "$binary.new" ./cmd/weaviate-server >>"$log" 2>&1 || failed

# Renamed at the end: what an interrupted build left is never taken for the server.
mv "$binary.new" "$binary"
echo "$want" >"$stamp"
cd "$out"
rm -rf "$src"
echo "weaviate: built $version"
