#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs MLflow and Phoenix with pip, each in a virtual environment of its own, since
# they disagree on versions. What cannot be installed is skipped, and the reason is said.
#
# usage: install.sh OUTDIR
#
#   OUTDIR/backends/mlflow, OUTDIR/backends/phoenix    the virtual environments
#   OUTDIR/backends/NAME.stamp                         what was installed there
#   OUTDIR/backends/NAME.skipped                       why there is none
set -euo pipefail

if [ $# -ne 1 ]; then
	echo "usage: $0 OUTDIR" >&2
	exit 2
fi

mkdir -p "$1/backends"
out=$(cd "$1/backends" && pwd)

skip() {
	rm -rf "$out/$1" "$out/$1.stamp"
	echo "$2" >"$out/$1.skipped"
	echo "backends: SKIPPED $1, $2" >&2
}
install() { # NAME REQUIREMENT
	if [ -d "$out/$1" ] && [ "$(cat "$out/$1.stamp" 2>/dev/null)" = "$2" ]; then
		echo "backends: $1 is up to date"
		return
	fi
	rm -rf "$out/$1" "$out/$1.stamp" "$out/$1.skipped"
	if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
		skip "$1" "there is no Python 3.10 or later in PATH"
		return
	fi
	if ! python3 -m venv "$out/$1" >"$out/$1.log" 2>&1; then
		skip "$1" "python3 could not make a virtual environment (see $out/$1.log)"
		return
	fi
	echo "backends: installing $2 with pip"
	if ! "$out/$1/bin/pip" install --disable-pip-version-check "$2" >>"$out/$1.log" 2>&1; then
		skip "$1" "pip could not install $2 (see $out/$1.log)"
		return
	fi
	echo "$2" >"$out/$1.stamp"
}

install mlflow mlflow==3.17.2
install phoenix arize-phoenix==20.26.1
