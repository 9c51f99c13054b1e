#!/usr/bin/env python3
"""A PostgreSQL server for tests: its own folder, its own port, gone when the test is, whatever ends it.

    import postgres
    with postgres.Server(conf={"max_connections": "5"}) as server:
        server.psql("create table t (n int)")
        connect(server.url())

    postgres.py run [--version V] [--conf K=V]... [--hba LINE]... -- COMMAND...
        runs the command beside a server and exits as it does. The command finds in its environment
        EVENTSOURCE_TEST_POSTGRES (the URL of the database postgres) and EVENTSOURCE_TEST_POSTGRES_BIN.
    postgres.py serve [--version V] [--conf K=V]... [--hba LINE]...
        for programs in other languages: a line of JSON that describes the server, not yet started; then
        commands by standard input and an answer to each (postgres_keeper.py). It ends with its input.

The server is Debian's newest, or that of EVENTSOURCE_TEST_POSTGRES_VERSION. It listens on a unix socket,
where everybody is trusted, and on 127.0.0.1 with the password `only-in-tests`. The superuser is postgres.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import urllib.parse

import postgres_keeper


class ServerError(Exception):
    """What the server or psql refused, in their words."""


class Server:
    """Used by one thread. A child that is forked without exec keeps the server alive as long as it lives."""

    def __init__(
        self,
        conf: dict[str, str] | None = None,
        hba: list[str] | tuple[str, ...] = (),
        version: str | None = None,
        start: bool = True,
    ):
        """`conf` is for postgresql.conf; `hba` are lines of pg_hba.conf that come before the usual ones."""
        command = [sys.executable, __file__, "serve"]
        command += ["--version", version] if version else []
        for key, value in (conf or {}).items():
            command += ["--conf", f"{key}={value}"]
        for line in hba:
            command += ["--hba", line]
        self._keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self._answer()
            if start:
                self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _answer(self):
        line = self._keeper.stdout.readline()
        answer = json.loads(line) if line else {"error": "the process that owns the server ended"}
        if "error" in answer:
            raise ServerError(answer["error"])
        self.pid: int = answer["pid"]  # 0 when it does not run
        self.port: int = answer["port"]
        self.folder = pathlib.Path(answer["folder"])
        self.data = pathlib.Path(answer["data"])
        self.log = pathlib.Path(answer["log"])
        self.bin = pathlib.Path(answer["bin"])
        self.uid: int = answer["uid"]
        self.gid: int = answer["gid"]
        self.password: str = answer["password"]

    def _command(self, line: str):
        self._keeper.stdin.write(line + "\n")
        self._keeper.stdin.flush()
        self._answer()

    def start(self, wait: bool = True):
        """Without `wait` it may still be starting up: it listens, and perhaps refuses."""
        self._command("start" if wait else "start nowait")

    def stop(self, mode: str = "fast"):
        """`smart`, `fast` or `immediate`; the cluster stays and can be started again, at the same address."""
        self._command(f"stop {mode}")

    def restart(self, mode: str = "fast"):
        self.stop(mode)
        self.start()

    def kill(self):
        """All its processes at once, by SIGKILL."""
        self._command("kill")

    def close(self):
        """Nothing of it is left afterwards."""
        if not self._keeper.stdin.closed:
            try:
                self._keeper.stdin.close()
            except BrokenPipeError:  # the keeper was ended from outside
                pass
            self._keeper.stdout.read()  # ends when the keeper has cleaned up
            self._keeper.stdout.close()
            self._keeper.wait()
            if hasattr(self, "folder"):
                shutil.rmtree(self.folder, ignore_errors=True)  # when the keeper was ended from outside

    def url(
        self,
        database: str = "postgres",
        user: str = "postgres",
        host: str = "socket",
        password: str | None = None,
        **parameters: str,
    ) -> str:
        """`host` is "socket", or "tcp" with a password: the right one unless another is given."""
        database = urllib.parse.quote(database, safe="")
        user = urllib.parse.quote(user, safe="")
        if host == "socket":
            where = f"{user}@/{database}"
            parameters = {"host": str(self.folder), "port": str(self.port), **parameters}
        else:
            secret = urllib.parse.quote(self.password if password is None else password, safe="")
            where = f"{user}:{secret}@127.0.0.1:{self.port}/{database}"
        query = "&".join(f"{key}={urllib.parse.quote(value, safe='/')}" for key, value in parameters.items())
        return f"postgresql://{where}" + (f"?{query}" if query else "")

    def psql(self, sql: str, database: str = "postgres", user: str = "postgres") -> str:
        """What it prints, rows as lines and columns apart by |. The first error ends it: ServerError."""
        done = subprocess.run(
            [psql_program(), "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1",
             "--file=-", self.url(database, user)],
            input=sql, capture_output=True, encoding="utf-8",
        )  # fmt: skip
        if done.returncode != 0:
            raise ServerError(done.stderr.strip())
        return done.stdout.rstrip("\n")

    def create_database(self, name: str, template: str = "template0", encoding: str = "UTF8", more: str = "") -> str:
        """Its URL. `more` is for CREATE DATABASE, as it is: a locale, for one."""
        identifier = '"' + name.replace('"', '""') + '"'
        self.psql(f"create database {identifier} template {template} encoding '{encoding}' {more}")
        return self.url(name)

    def drop_database(self, name: str):
        identifier = '"' + name.replace('"', '""') + '"'
        self.psql(f"drop database {identifier} with (force)")

    def write_file(self, name: str, content: str, mode: int = 0o600) -> pathlib.Path:
        """A file of the cluster, owned by the server's user: a certificate, standby.signal."""
        path = self.data / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(content)
        os.chown(path, self.uid, self.gid)
        return path

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


def psql_program() -> str:
    """Debian's own, not the wrapper in /usr/bin that looks for clusters first."""
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("[0-9]*/bin/psql"), key=lambda p: int(p.parts[-3]))
    return str(programs[-1]) if programs else "psql"


def run(server: Server, command: list[str]) -> int:
    environment = {
        **os.environ,
        "EVENTSOURCE_TEST_POSTGRES": server.url(),
        "EVENTSOURCE_TEST_POSTGRES_BIN": str(server.bin),
    }
    child: subprocess.Popen | None = None
    caught: list[int] = []

    def pass_on(number, _frame):
        caught.append(number)
        if child is not None:
            child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    try:
        child = subprocess.Popen(
            command, env=environment, preexec_fn=postgres_keeper.die_with_parent(signal.SIGKILL)
        )
    except OSError as error:
        print(f"postgres.py: {command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        return 127
    if caught:  # before there was a child to tell
        child.send_signal(caught[0])
    return child.wait()


def exit_as(status: int):
    """Ends like the command: a test runner tells a crash from a failure by the signal."""
    if status >= 0:
        sys.exit(status)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command's own core is the one to look at
    if -status != signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="do", required=True, metavar="run|serve")
    for name in ("run", "serve"):
        command = commands.add_parser(name)
        command.add_argument("--version")
        command.add_argument("--conf", action="append", default=[], metavar="K=V")
        command.add_argument("--hba", action="append", default=[], metavar="LINE")
        if name == "run":
            command.add_argument("command", nargs="+", metavar="COMMAND")
    args = parser.parse_args()
    if args.do == "serve":
        sys.exit(postgres_keeper.keep(args.version, args.conf, args.hba))
    try:
        conf = dict(line.split("=", 1) for line in args.conf)
        with Server(conf, args.hba, args.version) as server:
            status = run(server, args.command)
    except (ServerError, ValueError) as error:
        sys.exit(f"postgres.py: {error}")
    exit_as(status)


if __name__ == "__main__":
    main()
