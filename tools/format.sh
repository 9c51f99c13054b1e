#!/usr/bin/env bash
# Formats every C and C++ source and assembles sql/postgres/all.sql; with --check it changes nothing and fails where it
# would.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/assemble_sql.py "$@"
mode=(-i)
[[ ${1:-} != --check ]] || mode=(--dry-run -Werror)
git ls-files -z --cached --others --exclude-standard -- '*.h' '*.hpp' '*.c' '*.cpp' |
  xargs -0 --no-run-if-empty clang-format-19 "${mode[@]}"
