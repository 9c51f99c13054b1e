#!/usr/bin/env bash
# The checks that read the sources: format, layers, clang's warnings (with -Wthread-safety), clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build test format lint
tools/format.sh --check
python3 tools/check_layers.py .
cmake --preset clang >/dev/null
cmake --build --preset clang
run-clang-tidy-19 -quiet -j "$(nproc)" -p build/clang "$PWD/(core|capi|cli|examples)/.*"
