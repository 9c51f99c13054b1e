#!/usr/bin/env bash
# Installs the Debian packages that a job needs and that are missing. When none is missing it asks
# apt nothing. Without root or a sudo that asks no password it prints the line to run.
set -euo pipefail

declare -A packages=(
  [build]="g++ cmake ninja-build ccache libsqlite3-dev libpq-dev libspdlog-dev nlohmann-json3-dev zlib1g-dev pkgconf"
  [test]="libgtest-dev libcmocka-dev libjansson-dev python3 python3-venv binutils postgresql-15 pgbouncer"
  [bench]="python3 python3-matplotlib postgresql-15"
  [postgres]="maven"
  [sanitize]="clang-19 libclang-rt-19-dev"
  [format]="clang-format-19"
  [lint]="clang-19 clang-tidy-19 python3"
)

usage() {
  echo "usage: tools/setup.sh JOB...   (jobs: ${!packages[*]})" >&2
  exit 2
}

[[ $# -gt 0 ]] || usage
wanted=()
for job in "$@"; do
  [[ -v "packages[$job]" ]] || usage
  read -ra list <<<"${packages[$job]}"
  wanted+=("${list[@]}")
done

if ! command -v dpkg-query >/dev/null; then
  echo "setup: this is no Debian; please see to it yourself that these are here: ${wanted[*]}" >&2
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

install=(apt-get install --yes --no-install-recommends "${missing[@]}")
if [[ $(id -u) -eq 0 ]]; then
  as_root=(env DEBIAN_FRONTEND=noninteractive)
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n env DEBIAN_FRONTEND=noninteractive)
else
  echo "setup: some packages are missing. Please run this line, then try again:" >&2
  echo "  sudo apt-get update && sudo ${install[*]}" >&2
  exit 1
fi

echo "setup: installing ${missing[*]}"
log=$(mktemp)
# The tests run servers of their own: Debian's package is not to make and start one.
cluster=/etc/postgresql-common/createcluster.d/eventsource-setup.conf
trap 'rm -f "$log"; "${as_root[@]}" rm -f "$cluster"' EXIT
if [[ " ${missing[*]} " == *" postgresql-"* ]]; then
  "${as_root[@]}" mkdir -p "${cluster%/*}"
  echo "create_main_cluster = false" | "${as_root[@]}" tee "$cluster" >/dev/null
fi
if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" "${install[@]}"; } >"$log" 2>&1 </dev/null; then
  cat "$log" >&2
  echo "setup: apt-get failed; its output is above" >&2
  exit 1
fi
# Theirs too are the poolers: the package starts a service, unless something like a container's policy keeps it from it.
if [[ " ${missing[*]} " == *" pgbouncer "* ]]; then
  if ! { "${as_root[@]}" service pgbouncer stop && "${as_root[@]}" update-rc.d pgbouncer disable; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "setup: pgbouncer's service, which nothing here needs, could not be stopped; the output is above" >&2
  fi
fi
