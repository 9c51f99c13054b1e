#!/usr/bin/env python3
"""A pgbouncer for tests, in transaction mode before a PostgreSQL server: gone when the test is, whatever ends it.

    pooler.py FOLDER PORT
        for programs in any language: the server listens on FOLDER/.s.PGSQL.PORT and trusts everybody there. It prints
        a line of JSON, {"folder": …, "port": …} of the pooler's own socket, and runs until its input ends.

It is Debian's pgbouncer, not run by root, in a folder of its own in /tmp. It has two server connections for each
database and user, and takes them in turn: a client hardly ever gets the same for its next transaction. Databases and
users are the server's.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from postgres_keeper import TEMPORARY, Trouble, die_with_parent, leave_tree, say, server_user

PORT = 6432
SECONDS_TO_START = 30
# Each role has a pool of its own: the sum is kept below what a server allows, by closing what idles.
CONFIGURATION = """
[databases]
* = host={server} port={port}
[pgbouncer]
pool_mode = transaction
default_pool_size = 2
max_db_connections = 20
max_client_conn = 1000
server_round_robin = 1
auth_type = trust
auth_user = postgres
auth_file = {folder}/users
unix_socket_dir = {folder}
listen_port = {own_port}
logfile = {folder}/log
"""


def find_program() -> str:
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise Trouble("no pgbouncer is installed; tools/setup.sh test installs Debian's")
    return program


def start(folder: pathlib.Path, server: str, port: str) -> subprocess.Popen:
    user = server_user()
    (folder / "users").write_text('"postgres" ""\n', encoding="utf-8")
    (folder / "ini").write_text(
        CONFIGURATION.format(server=server, port=port, folder=folder, own_port=PORT), encoding="utf-8"
    )
    for path in (folder, folder / "users", folder / "ini"):
        os.chown(path, user.pw_uid, user.pw_gid)
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    process = subprocess.Popen(
        [find_program(), "--quiet", folder / "ini"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, preexec_fn=die_with_parent(signal.SIGKILL), **as_user,
    )  # fmt: skip
    deadline = time.monotonic() + SECONDS_TO_START
    while not listens(folder):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            log = folder / "log"
            raise Trouble("pgbouncer did not start:\n" + (log.read_text(encoding="utf-8") if log.exists() else ""))
        time.sleep(0.01)
    return process


def listens(folder: pathlib.Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.connect(str(folder / f".s.PGSQL.{PORT}"))
        return True
    return False


def main() -> int:
    server, port = sys.argv[1:]
    leave_tree()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="es-pb-", dir=TEMPORARY))
    process: subprocess.Popen | None = None
    try:
        process = start(folder, server, port)
        say({"folder": str(folder), "port": PORT, "pid": process.pid})
        sys.stdin.read()
    except Trouble as trouble:
        say({"error": str(trouble)})
        return 1
    finally:
        # Only this is left to do, and it must be done.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if process is not None:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
