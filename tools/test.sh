#!/usr/bin/env bash
# Builds and runs everything that can fail. The last line is `N passed, N failed, N skipped`.
set -uo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build test sanitize || exit 1

failed=()
step() {
  local name=$1
  shift
  echo "== $name"
  "$@" </dev/null || failed+=(--failed-step "$name")
}

build() {
  # -k 0: one report names everything that does not compile.
  cmake --preset "$1" >/dev/null && cmake --build --preset "$1" -- -k 0
}

# One more at a time than there are cores: some wait for a server most of the time.
# ctest's own exit status is not looked at: summary.py reads its results, and more closely.
run() {
  # What an earlier run left must not count for this one.
  rm -rf "build/$1/results" "build/$1/ctest.xml"
  # cmocka makes no folder.
  mkdir "build/$1/results"
  # The seeded defects have a command of their own, make test-defects: they take as long as all the rest of a tree.
  ctest --test-dir "build/$1" --label-exclude '^slow$' --parallel "$(($(nproc) + 1))" --output-on-failure \
    --output-junit ctest.xml || true
}

trees=(dev asan)
for tree in "${trees[@]}"; do
  step "build $tree" build "$tree"
  step "run $tree" run "$tree"
done
python3 tools/summary.py --allowed-skips tests/allowed_skips.txt "${failed[@]}" "${trees[@]/#/build/}"
