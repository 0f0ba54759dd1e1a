#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Postgres with pgvector that the integration tests store in: PGlite,
# which is Postgres compiled to WebAssembly and runs in Node.js. Without npm and a
# Node.js of today it installs nothing, says so, and the tests that need it are
# skipped.
#
# usage: install.sh OUTDIR
#
#   OUTDIR/postgres/           the npm packages, as package-lock.json pins them
#   OUTDIR/postgres.stamp      what they were installed from
#   OUTDIR/postgres.skipped    why there are none
set -euo pipefail

if [ $# -ne 1 ]; then
	echo "usage: $0 OUTDIR" >&2
	exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
stamp=$out/postgres.stamp

skip() {
	rm -rf "$stamp" "$out/postgres"
	echo "$1" >"$out/postgres.skipped"
	echo "postgres: SKIPPED, $1: the stores on Postgres will not be tested" >&2
	exit 0
}
for tool in npm node; do
	command -v "$tool" >/dev/null || skip "there is no $tool in PATH"
done
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || skip "it needs Node.js 20 or later, not $(node --version)"
rm -f "$out/postgres.skipped"

want=$(cat "$here/package.json" "$here/package-lock.json" "$here/install.sh" | cksum)
if [ -d "$out/postgres" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
	echo "postgres: up to date"
	exit 0
fi
rm -rf "$stamp" "$out/postgres"
mkdir "$out/postgres"
cp "$here/package.json" "$here/package-lock.json" "$out/postgres"

echo "postgres: installing PGlite with npm"
cd "$out/postgres"
npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error

echo "$want" >"$stamp"
