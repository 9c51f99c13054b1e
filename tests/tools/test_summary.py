"""tools/summary.py must not take silence, crashes or skips for success."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"

GTEST = """<testsuites><testsuite name="Log">
<testcase name="Reads" status="run" result="completed" time="0.5" classname="Log"/>
<testcase name="Fails" status="run" result="completed" time="0" classname="Log">
<failure message="boom" type=""><![CDATA[log_test.cpp:9: boom]]></failure></testcase>
</testsuite></testsuites>"""
GTEST_PASSED = GTEST.replace('<failure message="boom" type=""><![CDATA[log_test.cpp:9: boom]]></failure>', "")
CMOCKA = """<?xml version="1.0"?><testsuites><testsuite name="append" time="0.1" tests="2" failures="0"
errors="0" skipped="1"><testcase name="one" time="0.1"></testcase>
<testcase name="two" time="0.0"><skipped/></testcase></testsuite></testsuites>"""
EMPTY = '<testsuites><testsuite name="Log"></testsuite></testsuites>'


class Summary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name, "dev")
        (self.tree / "results").mkdir(parents=True)
        self.skips = pathlib.Path(folder.name, "skips.txt")
        self.skips.write_text("# none\n")
        self.runners = ""

    def runner(self, name, passed=True, **files):
        body = "" if passed else '<failure message=""/>'
        self.runners += f'<testcase name="{name}" classname="{name}" status="run">{body}</testcase>'
        for suffix, text in files.items():
            dot = "" if suffix == "xml" else f".{suffix}"
            (self.tree / "results" / f"{name}{dot}.xml").write_bytes(
                text.encode("utf-8", "surrogatepass")
            )

    def sum_up(self, *more):
        if self.runners:
            text = f'<testsuite name="(empty)">{self.runners}</testsuite>'
            (self.tree / "ctest.xml").write_text(text)
        done = subprocess.run(
            [sys.executable, TOOLS / "summary.py", "--allowed-skips", self.skips, *more, self.tree],
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout.splitlines()[-1], done.returncode, done.stdout

    def assert_sum(self, last, status, *more):
        line, code, output = self.sum_up(*more)
        self.assertEqual((line, code), (last, status), output)

    def test_passed_cases_are_counted_over_runners(self):
        self.runner("log", xml=GTEST_PASSED)
        self.runner("more", xml=GTEST_PASSED)
        self.assert_sum("4 passed, 0 failed, 0 skipped", 0)

    def test_failed_case_fails_once(self):
        self.runner("log", passed=False, xml=GTEST)
        self.assert_sum("1 passed, 1 failed, 0 skipped", 1)

    def test_crash_before_results_fails(self):
        self.runner("log", passed=False)
        self.assert_sum("0 passed, 1 failed, 0 skipped", 1)

    def test_success_without_results_fails(self):
        self.runner("log")
        self.assert_sum("0 passed, 1 failed, 0 skipped", 1)

    def test_crash_after_results_fails(self):
        self.runner("log", passed=False, xml=GTEST_PASSED)
        self.assert_sum("2 passed, 1 failed, 0 skipped", 1)

    def test_half_a_file_fails(self):
        self.runner("log", xml=GTEST_PASSED[:100])
        self.assert_sum("0 passed, 1 failed, 0 skipped", 1)

    def test_runner_without_cases_fails(self):
        self.runner("log", xml=EMPTY)
        self.assert_sum("0 passed, 1 failed, 0 skipped", 1)

    def test_unlisted_skip_fails(self):
        self.runner("capi", append=CMOCKA)
        self.assert_sum("1 passed, 1 failed, 0 skipped", 1)

    def test_listed_skip_is_a_skip(self):
        self.skips.write_text("capi two needs a tmpfs\n")
        self.runner("capi", append=CMOCKA)
        self.assert_sum("1 passed, 0 failed, 1 skipped", 0)

    def test_skip_listed_for_another_runner_fails(self):
        self.skips.write_text("other two needs a tmpfs\n")
        self.runner("capi", append=CMOCKA)
        self.assert_sum("1 passed, 1 failed, 0 skipped", 1)

    def test_list_wants_a_reason(self):
        self.skips.write_text("capi two\n")
        self.runner("capi", append=CMOCKA)
        done = subprocess.run(
            [sys.executable, TOOLS / "summary.py", "--allowed-skips", self.skips, self.tree],
            capture_output=True,
        )
        self.assertNotEqual(done.returncode, 0)

    def test_all_groups_of_a_cmocka_program_count(self):
        self.runner("capi", append=CMOCKA, read=CMOCKA)
        self.skips.write_text("capi two needs a tmpfs\n")
        self.assert_sum("2 passed, 0 failed, 2 skipped", 0)

    def test_disabled_case_is_an_unlisted_skip(self):
        self.runner("log", xml=GTEST_PASSED.replace('status="run"', 'status="notrun"', 1))
        self.assert_sum("1 passed, 1 failed, 0 skipped", 1)

    def test_bytes_that_are_no_text_are_no_excuse(self):
        name = 'name="Reads" value_param="'
        self.runner("log", xml=GTEST.replace('name="Reads"', name + '\ud800 \x01"'))
        self.assert_sum("1 passed, 1 failed, 0 skipped", 1)

    def test_tree_that_ctest_did_not_run_fails(self):
        self.assert_sum("0 passed, 1 failed, 0 skipped", 1)

    def test_failed_step_fails(self):
        self.runner("log", xml=GTEST_PASSED)
        self.assert_sum("2 passed, 1 failed, 0 skipped", 1, "--failed-step", "build asan")

    def test_nothing_at_all_fails(self):
        done = subprocess.run(
            [sys.executable, TOOLS / "summary.py", "--allowed-skips", self.skips],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-1], "0 passed, 1 failed, 0 skipped")


class Runners(unittest.TestCase):
    """What the small runners write is what summary.py reads."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.xml = self.folder / "out.xml"
        sys.path.insert(0, os.fspath(TOOLS))
        self.addCleanup(sys.path.remove, os.fspath(TOOLS))
        import junit

        self.junit = junit

    def outcomes(self, *command):
        done = subprocess.run([sys.executable, *map(os.fspath, command)], capture_output=True)
        cases = {case.name: case.outcome for case in self.junit.read(self.xml)}
        return cases, done.returncode

    def test_check(self):
        check = [TOOLS / "run_check.py", "--xml", self.xml, "it", "--"]
        self.assertEqual(self.outcomes(*check, "true"), ({"it": "passed"}, 0))
        self.assertEqual(self.outcomes(*check, "false"), ({"it": "failed"}, 1))
        self.assertEqual(self.outcomes(*check, "sh", "-c", "printf '\\001'; kill -9 $$")[0], {"it": "failed"})

    def test_unittests(self):
        script = self.folder / "test_it.py"
        script.write_text(
            "import unittest\n"
            "class T(unittest.TestCase):\n"
            "    def test_good(self): pass\n"
            "    def test_bad(self): self.fail('no')\n"
            "    def test_error(self): raise KeyError('no')\n"
            "    def test_subtests(self):\n"
            "        for i in range(3):\n"
            "            with self.subTest(i=i): self.assertEqual(i, 1)\n"
            "    @unittest.skip('not here')\n"
            "    def test_skip(self): pass\n"
            "class Broken(unittest.TestCase):\n"
            "    @classmethod\n"
            "    def setUpClass(cls): raise OSError('no')\n"
            "    def test_never(self): pass\n"
        )
        cases, status = self.outcomes(TOOLS / "run_unittests.py", "--xml", self.xml, script)
        broken = [name for name in cases if "setUpClass" in name]
        self.assertEqual([cases.pop(name) for name in broken], ["failed"])
        wanted = {
            "T.test_good": "passed",
            "T.test_bad": "failed",
            "T.test_error": "failed",
            "T.test_subtests": "failed",
            "T.test_skip": "skipped",
        }
        self.assertEqual((cases, status), (wanted, 1))


if __name__ == "__main__":
    unittest.main()
