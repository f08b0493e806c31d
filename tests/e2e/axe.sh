#!/bin/sh
# Fetches axe-core, which the browser tests measure the pages with. It is a test tool under
# MPL-2.0 and never shipped, so it lies in the build's folder and not in the repository.
# Usage: tests/e2e/axe.sh [FOLDER]; the default is where the tests look for it.
set -eu
version=4.14.1
sum=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
folder=${1:-${CARGO_TARGET_DIR:-"$(dirname "$0")/../../target"}/axe-core}
mkdir -p "$folder"
cd "$folder"
npm pack --silent "axe-core@$version" > /dev/null
tar -xzf "axe-core-$version.tgz" --strip-components=1 package/axe.min.js
echo "$sum  axe.min.js" | sha256sum -c -
