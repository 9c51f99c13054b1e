"""The process that owns one PostgreSQL server of a test. postgres.py starts it; nothing else does.

It makes a folder in /tmp, a cluster in it and runs the server, as a user that is not root. It reads
commands from its standard input, one a line, and answers each with one line of JSON. When its input
ends, because it was closed or because the process that held it is gone, the server is killed and the
folder removed. It has left the process tree of its starter, so that a time limit that kills a whole
tree (as ctest's does) leaves it alive to clean up. Should it be killed itself, the server ends with it.

    start | start nowait | stop smart|fast|immediate | kill | freeze | thaw
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import pwd
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Clusters to copy, and the servers that tools/postgres_binaries.py fetched.
CACHE = ROOT / "build" / "postgres"
# A unix socket's path has at most 107 bytes; TMPDIR may be long, or closed to the server's user.
TEMPORARY = "/tmp"
PASSWORD = "only-in-tests"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 60
PR_SET_PDEATHSIG = 1
IPC_RMID = 0

libc = ctypes.CDLL(None, use_errno=True)


class Trouble(Exception):
    """Why there is no server, for the reader."""


def die_with_parent(how: int):
    """For preexec_fn of a single-threaded process: its end is the child's."""
    parent = os.getpid()

    def prepare():
        libc.prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:  # it ended before the line above
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def find_binaries(version: str | None) -> pathlib.Path:
    """The folder with initdb and postgres. A version is `15` or `15.15.0`; without one it is Debian's newest."""
    version = version or os.environ.get("EVENTSOURCE_TEST_POSTGRES_VERSION") or None
    debian = pathlib.Path("/usr/lib/postgresql")
    if version is None:
        folders = [folder for folder in debian.glob("[0-9]*/bin")]
        on_path = shutil.which("initdb")
        if not folders and on_path:
            folders = [pathlib.Path(os.path.realpath(on_path)).parent]
    else:
        folders = [debian / version / "bin"]
        folders += [f for f in CACHE.glob("[0-9]*/bin") if f"{f.parent.name}.".startswith(f"{version}.")]
    folders = [f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()]
    if folders:
        return max(folders, key=lambda f: [int(part) for part in f.parent.name.split(".") if part.isdigit()])
    if version is None:
        raise Trouble("no PostgreSQL server is installed; tools/setup.sh test installs Debian's")
    raise Trouble(f"no PostgreSQL {version} is here; tools/postgres_binaries.py VERSION fetches one")


def server_user() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Trouble("there is neither a user postgres nor nobody to run the server as")


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def free_port() -> int:
    """Free at this moment, and out of the range from which systems number outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(15000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Keeper:
    def __init__(self, version: str | None, conf: list[str], hba: list[str]):
        self.bin = find_binaries(version)
        self.user = server_user()
        self.process: subprocess.Popen | None = None
        self.port = 0
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="es-pg-", dir=TEMPORARY))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        try:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
            self.make_cluster()
            self.configure(conf, hba)
        except BaseException:
            self.close()
            raise

    # -- the cluster

    def as_user(self) -> dict:
        """What every program of PostgreSQL is run with."""
        arguments = {
            "cwd": self.folder,
            "env": {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"},
            "stdin": subprocess.DEVNULL,
            "preexec_fn": die_with_parent(signal.SIGQUIT),
        }
        if os.getuid() == 0:
            arguments |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return arguments

    def program(self, *command) -> str:
        command = [str(part) for part in command]
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **self.as_user()
            )
        except PermissionError as error:
            raise Trouble(
                f"the user {self.user.pw_name} may not run {command[0]}: have the project in a folder that all can enter"
            ) from error
        if done.returncode != 0:
            raise Trouble(f"{' '.join(command)} failed:\n{done.stdout}")
        return done.stdout

    def make_cluster(self):
        """initdb takes a second or two, so it is done once a version and user, and copied."""
        version = self.program(self.bin / "postgres", "--version").split()[2]
        CACHE.mkdir(parents=True, exist_ok=True)
        template = CACHE / f"cluster-{version}-{self.user.pw_name}"
        with open(f"{template}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not template.exists():
                self.initdb()
                unfinished = pathlib.Path(f"{template}.new")
                shutil.rmtree(unfinished, ignore_errors=True)
                copy(self.data, unfinished)
                unfinished.rename(template)
                return
        copy(template, self.data)

    def initdb(self):
        password = self.folder / "password"
        password.write_text(PASSWORD + "\n", encoding="utf-8")
        os.chown(password, self.user.pw_uid, self.user.pw_gid)
        self.program(
            self.bin / "initdb", "--pgdata", self.data, "--username=postgres", f"--pwfile={password}",
            "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        password.unlink()

    def configure(self, conf: list[str], hba: list[str]):
        # In files and not on the command line, so that ALTER SYSTEM can change it.
        lines = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            # Segments are files of the cluster: nothing of a killed server stays in /dev/shm.
            "dynamic_shared_memory_type": "mmap",
            "log_line_prefix": "%m [%p] %a: ",
        }
        for line in conf:
            key, equals, value = line.partition("=")
            if not equals:
                raise Trouble(f"a setting is key=value, not: {line}")
            lines[key.strip()] = value
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{key} = {quoted(value)}\n" for key, value in lines.items())
        if hba:
            # The first line that fits a connection decides.
            path = self.data / "pg_hba.conf"
            path.write_text("\n".join(hba) + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")

    # -- the server

    def start(self, wait: bool):
        if self.process is not None and self.process.poll() is None:
            raise Trouble("the server is running already")
        if self.port != 0:  # a server that comes back has the same address
            self.try_start(wait)
            return
        for _ in range(20):
            self.port = free_port()
            try:
                self.try_start(wait)
                return
            except Trouble as trouble:
                self.port = 0
                if "Address already in use" not in str(trouble):
                    raise
        raise Trouble("20 ports of 127.0.0.1 were all taken at the moment of use")

    def try_start(self, wait: bool):
        with open(self.log, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port)],
                stdout=log, stderr=log, **self.as_user(),
            )  # fmt: skip
        wanted = ("ready", "standby") if wait else ("starting", "ready", "standby")
        deadline = time.monotonic() + SECONDS_TO_START
        while self.state() not in wanted:
            if self.process.poll() is not None:
                text = self.log.read_bytes()[begin:].decode(errors="replace")
                raise Trouble(f"the server did not start, exit status {self.process.returncode}:\n{text}")
            if time.monotonic() > deadline:
                raise Trouble(f"the server was not ready after {SECONDS_TO_START} s; its log is {self.log}")
            time.sleep(0.01)

    def state(self) -> str:
        """What the server says of itself in the last line of its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return ""
        return lines[7].strip() if len(lines) > 7 and lines[0] == str(self.process.pid) else ""

    def stop(self, mode: str):
        signals = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        if mode not in signals:
            raise Trouble(f"a server is stopped smart, fast or immediate, not {mode}")
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signals[mode])
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired as error:
            raise Trouble(f"the server did not stop {mode} within {SECONDS_TO_STOP} s") from error

    def kill(self):
        """As a loss of power is for the processes: the server and all its children at once."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGSTOP)  # it starts no more children
        children = []
        for pid in children_of(self.process.pid):
            with contextlib.suppress(OSError):
                children.append(os.pidfd_open(pid))
        self.process.kill()
        self.process.wait()
        for child in children:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(child, signal.SIGKILL)
        for child in children:
            select.select([child], [], [])
            os.close(child)

    def freeze(self):
        """It is there and answers nothing: all its processes are stopped in the middle of what they do."""
        self.process.send_signal(signal.SIGSTOP)  # it starts no more children
        for pid in children_of(self.process.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in [*children_of(self.process.pid), self.process.pid]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGCONT)

    def close(self):
        self.kill()
        self.remove_shared_memory()
        shutil.rmtree(self.folder, ignore_errors=True)

    def remove_shared_memory(self):
        """A killed server leaves its System V segment, a few bytes that outlive the cluster."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            libc.shmctl(int(lines[6].split()[1]), IPC_RMID, None)

    # -- the commands

    def obey(self, line: str) -> dict:
        command, _, argument = line.partition(" ")
        try:
            if command == "start":
                self.start(argument != "nowait")
            elif command == "stop":
                self.stop(argument or "fast")
            elif command == "kill":
                self.kill()
            elif command == "freeze":
                self.freeze()
            elif command == "thaw":
                self.thaw()
            else:
                raise Trouble(f"no such command: {line}")
        except Trouble as trouble:
            return {"error": str(trouble)}
        return self.describe()

    def describe(self) -> dict:
        running = self.process is not None and self.process.poll() is None
        return {
            "pid": self.process.pid if running else 0,
            "port": self.port,
            "folder": str(self.folder),
            "data": str(self.data),
            "log": str(self.log),
            "bin": str(self.bin),
            "uid": self.user.pw_uid,
            "gid": self.user.pw_gid,
            "password": PASSWORD,
            "url": f"postgresql://postgres@/postgres?host={self.folder}&port={self.port}",
        }


def copy(source: pathlib.Path, target: pathlib.Path):
    done = subprocess.run(
        ["cp", "-a", "--reflink=auto", source, target], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise Trouble(f"{source} cannot be copied to {target}: {done.stderr}")


def children_of(parent: int) -> list[int]:
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            text = pathlib.Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace")
            # pid (name) state parent …, and a name may hold anything.
            if int(text.rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.name))
    return found


def say(answer: dict):
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(answer), flush=True)


def leave_tree():
    """Into a session of its own, and with no parent but init."""
    if os.fork() != 0:
        os._exit(0)
    os.setsid()


def keep(version: str | None, conf: list[str], hba: list[str]) -> int:
    leave_tree()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        keeper = Keeper(version, conf, hba)
    except Trouble as trouble:
        say({"error": str(trouble)})
        return 1
    try:
        say(keeper.describe())
        for line in sys.stdin:
            say(keeper.obey(line.strip()))
    finally:
        # Only this is left to do, and it must be done.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        keeper.close()
    return 0
