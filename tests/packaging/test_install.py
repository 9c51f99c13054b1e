"""What a user gets from `cmake --install`: everything there, and usable from where it was moved to."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import snippets  # noqa: E402

SOURCE = pathlib.Path(os.environ["EVENTSOURCE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["EVENTSOURCE_BUILD_DIR"])
HERE = SOURCE / "tests/packaging"


# What the README's five lines take for granted.
README_CPP = """#include <eventsource/eventsource.hpp>
#include <iostream>
namespace es = eventsource;
int main() {
  const es::Uuid order = es::Uuid::v7().value();
  FENCE
  std::cout << "\\n";
}
"""
README_C = """#include <eventsource/eventsource.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  const char* url = "memory:";
  const uint8_t order[16] = {1};
  es_store* store = NULL;
  es_append* append = NULL;
  es_error* err = NULL;
  FENCE
  es_page* page = NULL;
  es_read* read = NULL;
  es_read_new(&read, &err);
  es_read_set_content(read, ES_CONTENT_DATA, &err);
  es_store_read_stream(store, "Order", 5, order, read, NULL, &page, &err);
  size_t length = 0;
  const char* data = es_page_span(page, es_page_record(page, 0)->data, &length);
  printf("%.*s\\n", (int)length, data);
  return 0;
}
"""


def run(*command, **more):
    done = subprocess.run(
        [os.fspath(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **more,
    )
    if done.returncode != 0:
        raise AssertionError(f"{command} gave {done.returncode}:\n{done.stdout}")
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._folder.cleanup)
        cls.work = pathlib.Path(cls._folder.name)
        run("cmake", "--install", BUILD, "--prefix", cls.work / "first")
        # Nothing in it may know where it was put at first.
        (cls.work / "first").rename(cls.work / "usr")
        cls.prefix = cls.work / "usr"
        cls.lib = next(cls.prefix.rglob("libeventsource.so")).parent
        cls.environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(cls.lib / "pkgconfig"),
            "LD_LIBRARY_PATH": str(cls.lib),
        }
        version = run("pkg-config", "--modversion", "eventsource", env=cls.environment)
        cls.version = version.strip()

    def build_with_cmake(self, source):
        build = self.work / source.name
        run("cmake", "-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        return build

    def test_files(self):
        public = {str(path.relative_to(SOURCE)) for path in (SOURCE / "include").rglob("*.h*")}
        sql = {f"share/eventsource/{p.relative_to(SOURCE)}" for p in (SOURCE / "sql").rglob("*.sql")}
        there = {str(p.relative_to(self.prefix)) for p in self.prefix.rglob("*") if p.is_file()}
        # CMake puts the name of the build type into one file's name.
        there = {re.sub(r"Targets-\w+\.cmake$", "Targets-TYPE.cmake", name) for name in there}
        lib = str(self.lib.relative_to(self.prefix))
        rest = {
            "bin/eventsource",
            "share/bash-completion/completions/eventsource",
            "share/fish/vendor_completions.d/eventsource.fish",
            "share/zsh/site-functions/_eventsource",
            f"{lib}/libeventsource.so",
            f"{lib}/libeventsource.so.1",
            f"{lib}/libeventsource.so.1.{self.version}",
            f"{lib}/pkgconfig/eventsource.pc",
            f"{lib}/cmake/eventsource/eventsourceConfig.cmake",
            f"{lib}/cmake/eventsource/eventsourceConfigVersion.cmake",
            f"{lib}/cmake/eventsource/eventsourceTargets.cmake",
            f"{lib}/cmake/eventsource/eventsourceTargets-TYPE.cmake",
        }
        self.assertEqual(there, public | sql | rest)

    def test_c_by_pkg_config(self):
        flags = run("pkg-config", "--cflags", "--libs", "eventsource", env=self.environment).split()
        program = self.work / "consumer_c.out"
        strict = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"]
        run("gcc", *strict, HERE / "consumer_c/main.c", *flags, "-o", program)
        self.assertEqual(run(program, env=self.environment), f"{self.version} head 1\n")

    def test_cpp_by_cmake_package(self):
        build = self.build_with_cmake(HERE / "consumer_cpp")
        self.assertEqual(run(build / "consumer"), f"{self.version} position 1\n")

    def test_program_finds_its_library(self):
        bare = {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}
        output = run(self.prefix / "bin/eventsource", "--version", env=bare)
        self.assertIn(self.version, output)

    def test_examples_work_against_the_package(self):
        build = self.build_with_cmake(SOURCE / "examples")
        with self.subTest("append_and_read"):
            self.check_append_and_read(build)
        with self.subTest("demo_flights"):
            self.check_demo(build)
        for name, (_, output) in snippets.of(SOURCE / "docs").items():
            with self.subTest(name):
                stem, language = name.split(".")
                self.assertEqual(run(build / f"snippet_{language}_{stem}"), output)

    def test_the_readme(self):
        text = (SOURCE / "README.md").read_text()
        flags = run("pkg-config", "--cflags", "--libs", "eventsource", env=self.environment).split()
        for language, compiler, frame in (("cpp", ["g++", "-std=c++20"], README_CPP), ("c", ["gcc", "-std=c99"], README_C)):
            with self.subTest(language):
                fence = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)[1]
                self.assertEqual(len(fence.splitlines()), 5)
                source = self.work / f"readme.{language}"
                source.write_text(frame.replace("FENCE", fence))
                program = self.work / f"readme_{language}"
                run(*compiler, "-Wall", "-Wextra", "-Werror", source, *flags, "-o", program)
                folder = self.work / f"readme_{language}_folder"
                folder.mkdir()
                self.assertEqual(run(program, env=self.environment, cwd=folder), '{"total":1.10}\n')

    def check_append_and_read(self, build):
        url = f"sqlite:///{self.work}/accounts.db"
        first = run(build / "append_and_read", url)
        self.assertIn("refused: expected version 0, the account is at 1\n", first)
        self.assertIn("  2  Deposited  {\"amount\":\"1.10\"}\n", first)
        second = run(build / "append_and_read", url)
        self.assertIn("refused: expected version 2, the account is at 3\n", second)
        self.assertIn("  4  Deposited  {\"amount\":\"1.10\"}\n", second)

    def check_demo(self, build):
        command = [build / "demo_flights", SOURCE / "examples/data/flights.ndjson.gz", self.work / "flights.db"]
        first = run(*command)
        self.assertRegex(first, r"(?m)^11,279 events stored in .*")
        # Counted by hand from the data, in New York's days.
        self.assertRegex(first, r"(?m)^  Fri  8 +461 +499 +3 +472 +51 %$")
        self.assertRegex(first, r"(?m)^  Sat  9 18:00 +85 ▇+ +14 ▇+$")
        self.assertRegex(first, r"(?m)^  Sun 10  left at 21:02, 4 h 2 min late; landed 3 h 43 min late$")
        self.assertIn("is at version 1", first)
        self.assertNotIn("\x1b", first)
        second = run(*command)
        self.assertIn("All 11,279 events are in ", second)
        self.assertIn("is at version 3", second)
        story = re.compile(r"What happened.*(?=\nTwo dispatchers)", re.DOTALL)
        self.assertEqual(story.search(second)[0], story.search(first)[0])


if __name__ == "__main__":
    unittest.main()
