#!/usr/bin/env bash
# Builds the release tree and runs the flights demo into build/demo/flights.db.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build
mkdir -p build/demo
[[ -x build/release/bin/demo_flights ]] || echo "Building; only the first time takes this long."
# The build is not what the reader came for: it is shown only when it fails.
if ! { cmake --preset release && cmake --build --preset release; } >build/demo/build.log 2>&1; then
  cat build/demo/build.log >&2
  exit 1
fi
# The demo tells a story from the start, so it starts with an empty store.
rm -f build/demo/flights.db build/demo/flights.db-wal build/demo/flights.db-shm
exec build/release/bin/demo_flights examples/data/flights.ndjson.gz build/demo/flights.db
