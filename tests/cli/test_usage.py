"""The command line: help, wrong words, exit statuses, completion."""

import os
import re
import shutil
import subprocess
import unittest

from program import FLIGHTS, FOLDER, REFUSED, UNAVAILABLE, USAGE, ProgramTest, environment, uuid

COMMANDS = ["init", "import", "export", "read", "stream", "show", "head", "stats", "verify", "index", "completion", "help"]
OPTIONS = {
    "init": ["store", "json"],
    "import": ["store", "batch", "json"],
    "export": ["store", "full", "overwrite"],
    "read": ["store", "after", "limit", "type", "aggregate-type", "tenant", "since", "until", "backward", "format", "json"],
    "stream": ["store", "from", "to", "limit", "backward", "format", "json"],
    "show": ["store", "json"],
    "head": ["store", "json"],
    "stats": ["store", "json"],
    "verify": ["store", "json"],
    "index": ["store", "all", "json"],
    "completion": [],
    "help": [],
}


class Help(ProgramTest):
    def test_program(self):
        for words in (["--help"], ["-h"], ["help"]):
            out, err = self.run_program(*words)
            self.assertEqual(err, "")
            for command in COMMANDS:
                self.assertRegex(out, rf"(?m)^  {command} +\S")
        _, err = self.run_program(status=USAGE)
        self.assertIn("commands", err)

    def test_commands(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                out, err = self.run_program(command, "--help")
                self.assertEqual(err, "")
                self.assertEqual(self.run_program("help", command)[0], out)
                self.assertEqual(re.findall(r"(?m)^  --([a-z-]+)", out), OPTIONS[command] + ["help"])
                self.assertIn("\nexamples\n  eventsource" if command not in ("import", "completion") else "\nexamples\n", out)
        self.assertEqual(os.listdir(self.folder), [])

    def test_exit_statuses(self):
        out, _ = self.run_program("help", "exit")
        documented = re.findall(r"(?m)^  ([0-9]+) ", out)
        self.assertEqual(documented, ["0", "1", "2", "3", "4", "130", "141"])
        page = (FOLDER.parents[1] / "docs" / "cli.md").read_text()
        self.assertEqual(re.findall(r"(?m)^\| ([0-9]+) \|", page), documented)

    def test_version(self):
        header = (FOLDER.parents[1] / "include/eventsource/version.h").read_text()
        parts = [re.search(rf"ES_VERSION_{name} ([0-9]+)", header).group(1) for name in ("MAJOR", "MINOR", "PATCH")]
        self.assertEqual(self.run_program("--version")[0], f"eventsource {'.'.join(parts)}\n")


class Wrong(ProgramTest):
    def test_words(self):
        cases = {
            ("impotr", "x"): 'there is no command "impotr" (did you mean import?)',
            ("frobnicate",): 'there is no command "frobnicate"; see',
            ("--stor", "x", "head"): "unknown option --stor (did you mean --store?)",
            ("--store",): "--store wants a value",
            ("head", "--store"): "--store wants a value",
            ("read", "--limt", "1"): "unknown option --limt (did you mean --limit?)",
            ("read", "--zzzzzz"): "unknown option --zzzzzz; see eventsource read --help",
            ("read", "-n", "1"): "unknown option -n; see",
            ("read", "--limit"): "--limit wants a value",
            ("read", "--backward=yes"): "--backward takes no value",
            ("read", "--limit", "1", "--limit", "2"): "--limit stands twice",
            ("--store", "memory:", "read", "--store", "memory:"): "--store stands twice",
            ("read", "more"): '"more" is one argument too many',
            ("import",): "FILE|- is missing",
            ("stream", "Flight"): "ID is missing",
            ("show",): "EVENT_ID is missing",
            ("import", "sqlite:///old.db"): "import takes a file, not the URL of a store",
            ("index", "ad"): 'ACTION is list or add, not "ad" (did you mean add?)',
            ("index", "list", "x"): "index list takes no NAME",
            ("index", "add"): "index add wants one NAME or more, or --all",
            ("index", "add", "x", "--all"): "index add wants one NAME or more, or --all",
            ("completion", "csh"): 'SHELL is bash, zsh or fish, not "csh"',
            ("help", "improt"): 'there is no help on "improt" (did you mean import?)',
            ("head", "--store", "redis://x"): "--store: ",
        }
        for words, what in cases.items():
            with self.subTest(words=words):
                out, err = self.run_program(*words, status=USAGE)
                self.assertEqual(out, "")
                self.assertTrue(err.startswith("eventsource: "), err)
                self.assertIn(what, err)
        self.assertEqual(os.listdir(self.folder), [])

    def test_no_message_shows_a_url_that_may_hold_a_password(self):
        for scheme in ("postgresql://", "postgresql+asyncpg://", "mysql://", "postgres:"):
            url = scheme + "user:QJZ7@host/db"
            lines = [
                [url],
                [url, "head"],
                ["head", url],
                ["head", "--stor", url],
                ["head", f"--stor={url}"],
                [f"--stor={url}", "head"],
                ["head", f"--json={url}"],
                ["head", "--store", url, url],
                ["head", "--store", url + "/@"],
                ["init", "--store", scheme + "user:QJ/QJZ7@host/db"],
                ["import", url],
                ["export", url],
                ["show", url],
                ["stream", "Order", url],
                ["read", "--limit", url],
                ["read", "--since", url],
                ["read", "--type", url, "--format", url],
                ["completion", url],
                ["help", url],
                ["head", scheme + "user:QJZ7/db"],
                ["head", scheme + "host/db?Password=QJZ7"],
            ]
            for words in lines:
                with self.subTest(words=words):
                    out, err = self.run_program(*words, status=None)
                    self.assertTrue(err.startswith("eventsource: "), err)
                    self.assertNotIn("QJZ7", out + err)
            for name in ("EVENTSOURCE_URL", "DATABASE_URL"):
                for value in (url + "/@", scheme + "user:QJZ7/db"):
                    with self.subTest(name=name, value=value):
                        out, err = self.run_program("head", env=environment(**{name: value}), status=USAGE)
                        self.assertIn(f"${name}", err)
                        self.assertNotIn("QJZ7", out + err)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_url_without_a_password_is_named(self):
        for url in ("postgresql://user@host:5432/db?sslmode=require", "sqlite:///a:b@c.db"):
            _, err = self.run_program("head", url, status=USAGE)
            self.assertIn(f'"{url}" is one argument too many', err)

    def test_two_dashes_end_the_options(self):
        (self.folder / "--help").write_bytes(FLIGHTS.read_bytes())
        out, _ = self.run_program("import", "--", "--help")
        self.assertIn("25 lines: 25 stored", out)

    def test_statuses(self):
        self.run_program("init")
        self.run_program("show", uuid(1), status=REFUSED)
        self.run_program("head", "--store", "sqlite:///missing.db", status=UNAVAILABLE)
        # The value of an option is one even when it looks like an option.
        self.run_program("read", "--type", "--help", "--limit", "1")

    def test_indexes_are_for_postgresql(self):
        self.run_program("init")
        for words in (("list",), ("add", "--all")):
            _, err = self.run_program("index", *words, status=REFUSED)
            self.assertIn("a store of backend sqlite has no optional indexes", err)

    def test_busy_store(self):
        self.run_program("init")
        db = self.database()
        db.isolation_level = None
        db.execute("BEGIN IMMEDIATE")
        _, err = self.run_program("import", FLIGHTS, status=UNAVAILABLE)
        self.assertIn("stored before it: 0 (0 now, 0 present before); the import can be run again", err)
        db.execute("ROLLBACK")
        self.run_program("import", FLIGHTS)


class Completion(ProgramTest):
    def test_checked_in_scripts_are_those_of_the_program(self):
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell=shell):
                script = FOLDER.parents[1] / "cli" / "completions" / f"eventsource.{shell}"
                out, _ = self.run_program("completion", shell)
                self.assertEqual(out, script.read_text(), f"eventsource completion {shell} > {script}")

    def test_each_script_knows_commands_and_options(self):
        for shell, option in (("bash", "--"), ("zsh", "--"), ("fish", "-l ")):
            out, _ = self.run_program("completion", shell)
            for command, options in OPTIONS.items():
                self.assertIn(command, out)
                for name in options:
                    self.assertIn(option + name, out)

    def test_shells_that_are_here_parse_it(self):
        parsed = 0
        for shell in ("bash", "zsh", "fish"):
            if shutil.which(shell):
                out, _ = self.run_program("completion", shell)
                subprocess.run([shell, "-n"], input=out.encode(), check=True)
                parsed += 1
        # bash is where the tests' own scripts run.
        self.assertGreaterEqual(parsed, 1)

    def complete(self, *words):
        """What bash offers for the last word."""
        script, _ = self.run_program("completion", "bash")
        quoted = " ".join(f"'{word}'" for word in words)
        script += f"\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _eventsource; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=self.folder)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_offers(self):
        self.assertEqual(self.complete("eventsource", ""), COMMANDS)
        self.assertEqual(self.complete("eventsource", "st"), ["stream", "stats"])
        self.assertEqual(self.complete("eventsource", "--store", "memory:", "he"), ["head", "help"])
        self.assertEqual(self.complete("eventsource", "read", "--li"), ["--limit"])
        self.assertEqual(self.complete("eventsource", "read", "--format", ""), ["table", "ndjson"])
        self.assertEqual(self.complete("eventsource", "completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.complete("eventsource", "index", ""), ["list", "add"])
        self.assertEqual(self.complete("eventsource", "help", "ex"), ["export", "exit"])
        self.assertEqual(self.complete("eventsource", "head", "--limit", "x"), [])
        (self.folder / "flights.gz").write_text("")
        self.assertEqual(self.complete("eventsource", "import", "fl"), ["flights.gz"])
        self.assertEqual(self.complete("eventsource", "import", "--b"), ["--batch"])


if __name__ == "__main__":
    unittest.main()
