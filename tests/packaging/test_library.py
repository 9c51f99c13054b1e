"""The shared library shows what the headers declare and nothing else, and needs little."""

import os
import pathlib
import re
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["EVENTSOURCE_SOURCE_DIR"])
LIBRARY = pathlib.Path(os.environ["EVENTSOURCE_BUILD_DIR"], "lib/libeventsource.so")
VERSION_NODE = "EVENTSOURCE_1"


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def declared():
    names = set()
    for header in (SOURCE / "include/eventsource").glob("*.h"):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        names |= set(re.findall(r"\bES_API\b[^;(]*?\b(\w+)\s*\(", text))
    # `#define ES_API __attribute__((...))` looks like a function of that name.
    return names - {"__attribute__"}


def defined():
    lines = output_of("nm", "--dynamic", "--defined-only", "--without-symbol-versions", LIBRARY)
    return {line.split()[-1] for line in lines.splitlines()} - {VERSION_NODE}


def dynamic(tag):
    text = output_of("readelf", "--dynamic", "--wide", LIBRARY)
    return re.findall(rf"\({tag}\).*?\[(.*?)\]", text)


# Objects that are made when they are first wanted. Each is made inside of a NoFork: a child made by fork in the middle would
# wait for ever for a thread that is not there.
MADE_AT_FIRST_USE = {
    "eventsource::core::postgres::HostLookup::All::instance()",
    "eventsource::core::postgres::OpenSessions::instance()",
    "eventsource::core::sqlite::OpenFiles::instance()",
    "eventsource::core::sqlite::(anonymous namespace)::Registry::instance()",
}


def objects_of_core_with(pattern):
    """By their names, those that define or need a symbol."""
    lines = output_of("nm", "--demangle", "--print-file-name", LIBRARY.with_name("libeventsource_core.a")).splitlines()
    return sorted({line.split(":")[1] for line in lines if re.search(pattern, line)})


class Library(unittest.TestCase):
    def test_symbols_are_es_alone(self):
        self.assertEqual([name for name in sorted(defined()) if not name.startswith("es_")], [])

    def test_every_declared_function_is_there_and_no_other(self):
        self.assertGreater(len(declared()), 0)
        self.assertEqual(defined(), declared())

    def test_what_logs_inside_is_compiled_in_and_hidden(self):
        names = output_of("nm", "--demangle", "--extern-only", LIBRARY.with_name("libeventsource_core.a"))
        self.assertIn("spdlog::", names, "the engine's own objects have it, so that there is something to hide")
        for table in ("--dynamic", "--extern-only"):
            names = output_of("nm", "--demangle", table, LIBRARY)
            self.assertNotRegex(names, r"\b(spdlog|fmt)(::|_)")

    def test_has_nothing_that_is_made_or_destroyed_behind_its_callers_back(self):
        """Its threads go on when main has returned: what exit destroys would be gone under them."""
        self.assertEqual(objects_of_core_with(r" (__cxa_atexit|atexit|__cxa_thread_atexit\w*|_GLOBAL__sub_I_\S+)$"), [])
        undefined = output_of("nm", "--dynamic", "--undefined-only", "--without-symbol-versions", LIBRARY)
        self.assertNotRegex(undefined, r"(?m) (__cxa_atexit|__cxa_thread_atexit\w*)$")

    def test_makes_nothing_at_its_first_use_that_a_fork_could_find_half_done(self):
        names = output_of("nm", "--demangle", LIBRARY.with_name("libeventsource_core.a"))
        made = set(re.findall(r"guard variable for (.*)::\w+$", names, flags=re.M))
        self.assertEqual(made, MADE_AT_FIRST_USE)

    def test_soname(self):
        self.assertEqual(dynamic("SONAME"), ["libeventsource.so.1"])

    def test_stays_loaded(self):
        self.assertIn("NODELETE", output_of("readelf", "--dynamic", LIBRARY))

    def test_needs_the_systems_databases_and_the_language_alone(self):
        allowed = {"libsqlite3.so.0", "libpq.so.5", "libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libc.so.6"}
        self.assertIn("libsqlite3.so.0", dynamic("NEEDED"))
        self.assertEqual(set(dynamic("NEEDED")) - allowed, set())


if __name__ == "__main__":
    unittest.main()
