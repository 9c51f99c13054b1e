#!/usr/bin/env bash
# Runs the runners that use PostgreSQL once with each version that tools/postgres_binaries.py knows, or
# with those given. Ends with a line for each version, and one that sums them up.
set -uo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build test postgres || exit 1
if [[ $# -gt 0 ]]; then
  versions=("$@")
else
  mapfile -t versions < <(tools/postgres_binaries.py --list)
fi
tools/postgres_binaries.py "${versions[@]}" || exit 1
cmake --preset dev >/dev/null && cmake --build --preset dev || exit 1

tree=build/dev
lines=()
failed=0
passed=0
for version in "${versions[@]}"; do
  echo "== PostgreSQL $version"
  # What an earlier run left must not count for this one.
  rm -rf $tree/results $tree/ctest.xml
  mkdir $tree/results
  EVENTSOURCE_TEST_POSTGRES_VERSION=$version \
    ctest --test-dir $tree --label-regex '^postgres$' --parallel "$(($(nproc) + 1))" --output-on-failure \
    --output-junit ctest.xml --quiet
  if summary=$(python3 tools/summary.py --allowed-skips tests/allowed_skips.txt $tree); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  echo "$summary"
  lines+=("PostgreSQL $version: ${summary##*$'\n'}")
done
echo "== all"
printf '%s\n' "${lines[@]}"
echo "versions: $passed passed, $failed failed"
[[ $failed -eq 0 ]]
