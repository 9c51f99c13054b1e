"""Each public header compiles alone, with every standard and compiler that it is promised for."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "include"
STRICT = ["-fsyntax-only", "-pedantic", "-Wall", "-Wextra", "-Werror", f"-I{INCLUDE}"]
# Debian's compilers have these names; clang is not needed to build, so it may be missing.
COMPILERS = {
    "c": [name for name in ("gcc", "clang-19") if shutil.which(name)],
    "c++": [name for name in ("g++", "clang++-19") if shutil.which(name)],
}
STANDARDS_OF_C_HEADERS = [("c", "c99"), ("c", "c11"), ("c++", "c++11"), ("c++", "c++20")]
STANDARDS_OF_CPP_HEADERS = [("c++", "c++20")]


def headers(pattern):
    return sorted(str(path.relative_to(INCLUDE)) for path in INCLUDE.rglob(pattern))


class Headers(unittest.TestCase):
    def compile_alone(self, header, language, standard):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "alone.c" if language == "c" else "alone.cpp")
            # Twice: the guard must hold. The typedef: an empty unit is an error in pedantic C.
            line = f'#include "{header}"\n'
            source.write_text(f"{line}{line}typedef int alone;\n")
            for compiler in COMPILERS[language]:
                with self.subTest(compiler=compiler, standard=standard):
                    done = subprocess.run(
                        [compiler, f"-std={standard}", *STRICT, source], capture_output=True, text=True
                    )
                    self.assertEqual(done.returncode, 0, done.stderr)

    def test_umbrella_has_every_c_header(self):
        umbrella = (INCLUDE / "eventsource/eventsource.h").read_text()
        included = set(re.findall(r'#include "(eventsource/\w+\.h)"', umbrella))
        self.assertEqual(included, set(headers("*.h")) - {"eventsource/eventsource.h"})

    def test_umbrella_has_every_cpp_header(self):
        done = subprocess.run(
            ["g++", "-std=c++20", "-MM", f"-I{INCLUDE}", INCLUDE / "eventsource/eventsource.hpp"],
            capture_output=True,
            text=True,
            check=True,
        )
        included = {word for word in done.stdout.split() if word.endswith(".hpp")}
        self.assertEqual(included, {str(INCLUDE / header) for header in headers("*.hpp")})


def add_tests():
    """One case a header; it fails when one of its standards or compilers does."""
    for pattern, standards in (("*.h", STANDARDS_OF_C_HEADERS), ("*.hpp", STANDARDS_OF_CPP_HEADERS)):
        for header in headers(pattern):

            def test(self, header=header, standards=standards):
                for language, standard in standards:
                    self.compile_alone(header, language, standard)

            setattr(Headers, f"test_{re.sub(r'[^a-z0-9]', '_', header)}", test)


add_tests()

if __name__ == "__main__":
    unittest.main()
