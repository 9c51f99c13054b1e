#!/usr/bin/env bash
# Builds the release tree and runs the flights demo into build/demo/flights.db, or with `postgresql` as its argument on a
# PostgreSQL server of its own, which is gone afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."

store=${1:-sqlite}
case $store in
  sqlite) tools/setup.sh build ;;
  # A server of our own, and no service of the machine's: the one that the tests start.
  postgresql) tools/setup.sh build test ;;
  *) echo "demo: STORE is sqlite or postgresql, not $store" >&2; exit 2 ;;
esac
mkdir -p build/demo
[[ -x build/release/bin/demo_flights ]] || echo "Building; only the first time takes this long."
# The build is not what the reader came for: it is shown only when it fails.
if ! { cmake --preset release && cmake --build --preset release; } >build/demo/build.log 2>&1; then
  cat build/demo/build.log >&2
  exit 1
fi
demo=(build/release/bin/demo_flights examples/data/flights.ndjson.gz)
if [[ $store == postgresql ]]; then
  python3 tests/support/postgres.py run -- bash -c '"$@" "$EVENTSOURCE_TEST_POSTGRES"' demo "${demo[@]}"
  echo
  echo "  That server was the demo's own and is gone. On one of yours:"
  echo "  ${demo[*]} postgresql://USER@HOST/DATABASE"
  exit
fi
# The demo tells a story from the start, so it starts with an empty store.
rm -f build/demo/flights.db build/demo/flights.db-wal build/demo/flights.db-shm
exec "${demo[@]}" build/demo/flights.db
