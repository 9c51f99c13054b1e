#!/usr/bin/env python3
"""Runs the unittest cases of one Python file and writes them as JUnit XML."""

import argparse
import importlib.util
import pathlib
import sys
import time
import unittest

import junit


class Result(unittest.TextTestResult):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = []
        self._start = 0.0
        self._failed_subtests = []

    def startTest(self, test):
        super().startTest(test)
        self._start = time.monotonic()
        self._failed_subtests = []

    def addSuccess(self, test):
        super().addSuccess(test)
        self._add(test, junit.PASSED)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._add(test, junit.FAILED, self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        self._add(test, junit.FAILED, self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._add(test, junit.SKIPPED, reason)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            text = f"{subtest}\n{self._exc_info_to_string(err, test)}"
            self._failed_subtests.append(text)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._add(test, junit.FAILED, "succeeded, but was expected to fail")

    def stopTest(self, test):
        # unittest calls neither addSuccess nor addFailure when only subtests failed.
        if self._failed_subtests:
            self._add(test, junit.FAILED, "\n".join(self._failed_subtests))
        super().stopTest(test)

    def _add(self, test, outcome, text=""):
        seconds = time.monotonic() - self._start if self._start else 0.0
        self.cases.append(junit.Case(_short(test), outcome, text, seconds))


def _short(test):
    """Class.method; for a failed setUpClass what unittest calls it."""
    return ".".join(test.id().split(".")[-2:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--xml", required=True, help="the JUnit file to write")
    parser.add_argument("script", type=pathlib.Path)
    args = parser.parse_args()

    sys.path.insert(0, str(args.script.parent))
    spec = importlib.util.spec_from_file_location(args.script.stem, args.script)
    module = importlib.util.module_from_spec(spec)
    sys.modules[args.script.stem] = module
    spec.loader.exec_module(module)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(resultclass=Result, verbosity=2).run(suite)
    junit.write(args.xml, args.script.stem, result.cases)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
