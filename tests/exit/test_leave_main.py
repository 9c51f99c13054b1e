"""A process may return from main while its calls are under way: nothing of the library that they use is torn down."""

import itertools
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import postgres  # noqa: E402

LEAVER = os.environ["EVENTSOURCE_LEAVER"]
# Each returns at another moment of what its threads do.
LEAVES = 10

server: postgres.Server
_numbers = itertools.count(1)


def setUpModule():
    global server
    server = postgres.Server(conf={"fsync": "off", "ssl": "on"}, start=False)
    unittest.addModuleCleanup(server.close)
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = pathlib.Path(folder, "server.key"), pathlib.Path(folder, "server.crt")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=db.example", "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for file in (key, certificate):
            server.write_file(file.name, file.read_text())
    server.start()


class LeavingMain:
    """`new_url` is of an empty store."""

    def leave(self, *words: str):
        # What is under way when a process ends is the system's to free.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        done = subprocess.run(
            [LEAVER, self.new_url(), *words], env=os.environ | {"ASAN_OPTIONS": options},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_calls_end_well_after_all_static_objects_are_gone(self):
        self.leave("outlive")

    def test_those_of_a_closed_store_too(self):
        self.leave("close", "outlive")

    def test_with_calls_under_way(self):
        for _ in range(LEAVES):
            self.leave()

    def test_with_calls_of_a_closed_store_under_way(self):
        for _ in range(LEAVES):
            self.leave("close")


class OnPostgres(LeavingMain, unittest.TestCase):
    how: dict[str, str] = {}

    def new_url(self):
        name = f"test_{next(_numbers)}"
        server.create_database(name)
        return server.url(name, **self.how)


class OnPostgresWithPassword(OnPostgres):
    """Kerberos is left out: its library tears itself down at the very end, whoever is using it."""

    how = {"host": "tcp", "sslmode": "disable", "gssencmode": "disable"}


class OnPostgresWithTls(OnPostgres):
    how = OnPostgresWithPassword.how | {"sslmode": "require"}


class OnSqlite(LeavingMain, unittest.TestCase):
    def new_url(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return f"sqlite:///{folder.name}/store.db"


if __name__ == "__main__":
    unittest.main()
