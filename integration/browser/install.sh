#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Finds or installs what the checks of the pages need: Chromium, from Debian where apt-get
# is there and the user is root, and axe with npm. Where that is not possible it says why,
# and the checks are skipped.
#
# usage: install.sh OUTDIR
#
#   OUTDIR/browser/           the npm packages, as package-lock.json pins them
#   OUTDIR/browser.stamp      the path of Chromium, and what the rest was installed from
#   OUTDIR/browser.skipped    why there are none
set -euo pipefail

if [ $# -ne 1 ]; then
	echo "usage: $0 OUTDIR" >&2
	exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
stamp=$out/browser.stamp

skip() {
	rm -rf "$stamp" "$out/browser"
	echo "$1" >"$out/browser.skipped"
	echo "browser: SKIPPED, $1: the pages of traceview will not be looked at" >&2
	exit 0
}
find_chromium() {
	command -v chromium || command -v chromium-browser || command -v google-chrome
}
command -v npm >/dev/null || skip "there is no npm in PATH"
if ! find_chromium >/dev/null; then
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "there is no chromium in PATH, and only root can install it with apt-get"
	echo "browser: installing chromium with apt-get"
	{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; } >"$out/browser.log" 2>&1 ||
		skip "apt-get could not install chromium (see $out/browser.log)"
fi
chromium=$(find_chromium) || skip "there is no chromium in PATH"
rm -f "$out/browser.skipped"

want=$chromium$'\n'$(cat "$here/package.json" "$here/package-lock.json" "$here/install.sh" | cksum)
if [ -d "$out/browser" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
	echo "browser: up to date"
	exit 0
fi
rm -rf "$stamp" "$out/browser"
mkdir "$out/browser"
cp "$here/package.json" "$here/package-lock.json" "$out/browser"

echo "browser: installing axe with npm"
cd "$out/browser"
npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error ||
	skip "npm could not install axe"

echo "$want" >"$stamp"
