"""Every public function is called with bad arguments somewhere in this folder (refuse.h has the macros)."""

import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
HEADERS = HERE.parents[1] / "include/eventsource"

DECLARED = re.compile(r"\bES_API\b[^;{]*?\b(es_[a-z0-9_]+)\s*\(")
# The macro and what follows up to the function that it calls.
CALLED = re.compile(r"\b(?:REFUSES|REFUSES_HANDLE|GIVES|GIVES_NULL|IGNORES|assert_string_equal)\((?:[^;]*?[\s(,])??(es_[a-z0-9_]+)\(")
# They take no argument that could be bad.
WITHOUT_ARGUMENTS = {"es_version", "es_abi_version", "es_schema_version"}


def declared(text):
    return set(DECLARED.findall(text))


def called(text):
    return set(CALLED.findall(text))


class EveryFunction(unittest.TestCase):
    def test_each_is_called_with_bad_arguments(self):
        functions = set()
        for header in sorted(HEADERS.glob("*.h")):
            functions |= declared(header.read_text(encoding="utf-8"))
        self.assertGreater(len(functions), 100)
        tested = set()
        for source in sorted(HERE.glob("*_test.c")):
            tested |= called(source.read_text(encoding="utf-8"))
        self.assertEqual(sorted(functions - WITHOUT_ARGUMENTS - tested), [])

    def test_a_plain_call_does_not_count(self):
        self.assertEqual(called("assert_int_equal(es_one(store), ES_OK); REFUSES(ES_BUSY, es_two(ERR));"), {"es_two"})

    def test_declarations_over_several_lines_are_found(self):
        self.assertEqual(declared("ES_API es_status es_one(int a,\n  int b);\nES_API const es_page* es_two(void);"),
                         {"es_one", "es_two"})


if __name__ == "__main__":
    unittest.main()
