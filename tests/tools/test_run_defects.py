"""tools/run_defects.py tells a defect that is seen from one that survives, in a small project."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

PRESETS = """{"version": 6,
 "configurePresets": [{"name": "defects", "generator": "Ninja",
                       "binaryDir": "${sourceDir}/build/defects"}],
 "buildPresets": [{"name": "defects", "configurePreset": "defects"}]}
"""
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES CXX)
find_package(GTest REQUIRED)
add_compile_definitions(EVENTSOURCE_DEFECTS)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
add_library(core STATIC ${PROJECT_SOURCE_DIR}/core/add.cpp)
target_include_directories(core PRIVATE ${PROJECT_SOURCE_DIR})
add_executable(conformance_cpp vectors.cpp)
target_link_libraries(conformance_cpp PRIVATE core GTest::gtest_main)
"""
CORE = """#include <cstdlib>
#include "core/base/defect.hpp"
int add(int a, int b) {
  if (ES_DEFECT(minus)) return a - b;
  if (ES_DEFECT(minus_ten) && a == 10) return 0;
  if (ES_DEFECT(crash)) std::abort();
  return a + b;
}
"""
VECTORS = """#include <gtest/gtest.h>
int add(int, int);
TEST(Vectors, adds) { EXPECT_EQ(add(1, 2), 3); }
TEST(Vectors, keeps) { EXPECT_EQ(add(1, 0), 1); }
"""


class RunDefects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        for name in ("core/base", "capi", "tools", "tests/conformance"):
            (cls.root / name).mkdir(parents=True)
        shutil.copy(ROOT / "core/base/defect.hpp", cls.root / "core/base")
        shutil.copy(ROOT / "tools/run_defects.py", cls.root / "tools")
        shutil.copy(ROOT / "tools/junit.py", cls.root / "tools")
        (cls.root / "CMakePresets.json").write_text(PRESETS)
        (cls.root / "CMakeLists.txt").write_text(CMAKE)

    def setUp(self):
        (self.root / "core/add.cpp").write_text(CORE)
        (self.root / "vectors.cpp").write_text(VECTORS)
        self.write_list("minus  subtracts", "minus_ten  forgets ten", "crash  aborts")

    def write_list(self, *lines):
        text = "# name  what it breaks\n" + "\n".join(lines) + "\n"
        (self.root / "tests/conformance/defects.txt").write_text(text)

    def run_defects(self, *names):
        command = [sys.executable, self.root / "tools/run_defects.py", *names]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def test_seen_defect_passes_and_names_its_vectors(self):
        status, output = self.run_defects("minus")
        self.assertEqual(status, 0, output)
        self.assertRegex(output, r"minus +Vectors\.adds\n")

    def test_surviving_defect_fails(self):
        status, output = self.run_defects("minus_ten")
        self.assertEqual(status, 1, output)
        self.assertIn("minus_ten survives", output)

    def test_crash_is_not_a_vector(self):
        status, output = self.run_defects("crash")
        self.assertEqual(status, 1, output)
        self.assertIn("crash crashes", output)

    def test_defect_on_the_list_alone_fails(self):
        self.write_list("minus  a", "minus_ten  b", "crash  c", "ghost  d")
        status, output = self.run_defects("minus")
        self.assertEqual(status, 1, output)
        self.assertIn("ghost is on the list but in no source", output)

    def test_defect_in_a_source_alone_fails(self):
        self.write_list("minus  a", "minus_ten  b")
        status, output = self.run_defects("minus")
        self.assertEqual(status, 1, output)
        self.assertIn("crash is in a source but not on the list", output)

    def test_vectors_that_fail_anyway_judge_nothing(self):
        (self.root / "vectors.cpp").write_text(VECTORS + "TEST(Vectors, wrong) { FAIL(); }\n")
        status, output = self.run_defects("minus")
        self.assertEqual(status, 1, output)
        self.assertIn("tests fail without a defect: Vectors.wrong", output)


if __name__ == "__main__":
    unittest.main()
