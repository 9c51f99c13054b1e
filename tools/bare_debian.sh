#!/usr/bin/env bash
# Proves `make demo` and `make test` (through .ci/run) where nothing is: a clone of HEAD in a fresh
# Debian 12 tree that has only make and git. Wants root and mmdebstrap. Leaves nothing behind.
# With arguments it runs those commands instead, each one shell line: tools/bare_debian.sh 'make demo'
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $(id -u) -ne 0 ]] || ! command -v mmdebstrap >/dev/null; then
  echo "bare_debian: wants root and mmdebstrap (apt-get install mmdebstrap)" >&2
  exit 1
fi
[[ $# -gt 0 ]] || set -- 'make demo' 'make demo' .ci/run

work=$(mktemp -d "${TMPDIR:-/tmp}/bare-debian.XXXXXX")
child=
clean_up() {
  # With it ends everything in its process namespace.
  [[ -z $child ]] || kill -KILL "$child" 2>/dev/null || true
  # What is mounted is mounted in a namespace of its own, so out here this meets no mount point.
  rm -rf "$work"
}
trap clean_up EXIT
root=$work/root

# The host's way to a mirror: its sources when it is a Debian 12 itself, its proxy always.
mirror=()
sources=/etc/apt/sources.list.d/debian.sources
[[ -s $sources ]] || sources=/etc/apt/sources.list
if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release && [[ -s $sources ]]; then
  mirror=("$sources")
fi
apt-config dump --format '%F "%v";%n' |
  grep -E '^"?Acquire::(https?::|Retries|Check-)' >"$work/apt.conf" || true

echo "== a bare tree"
mmdebstrap --quiet --variant=minbase --include=make,git,ca-certificates --aptopt="$work/apt.conf" \
  bookworm "$root" "${mirror[@]}"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
git clone --quiet --no-hardlinks . "$root/root/eventsource"

keep=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb)
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [[ ! -v $name ]] || keep+=("$name=${!name}")
done
for command in "$@"; do
  echo "== $command"
  start=$SECONDS
  # A process namespace of its own: what a command leaves running ends with it.
  # shellcheck disable=SC2016  # expanded inside
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1 line=$2
    shift 2
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" /usr/bin/env -i "$@" sh -c "cd /root/eventsource && exec $line"
  ' inside "$root" "$command" "${keep[@]}" </dev/null &
  child=$!
  # Not in the foreground: there bash would hear a signal only after the command.
  wait "$child"
  child=
  echo "== $command: $((SECONDS - start)) s"
done
