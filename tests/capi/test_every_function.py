"""In this folder every public function is called with NULL for each of its pointers and 0 for each of its lengths."""

import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
HEADERS = HERE.parents[1] / "include/eventsource"

DECLARED = re.compile(r"\bES_API\b[^;{]*?\b(es_[a-z0-9_]+)\s*\(([^;]*?)\)\s*ES_NOEXCEPT")


def declared(text):
    """Function -> its parameters, as they are written."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return {name: [one.strip() for one in parameters.split(",")] for name, parameters in DECLARED.findall(text)}


def calls(text, name):
    """The arguments of each call of a function, as they are written."""
    for match in re.finditer(rf"\b{name}\(", text):
        depth, arguments, start = 1, [], match.end()
        for at in range(match.end(), len(text)):
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(text[at], 0)
            if depth == 0 or (depth == 1 and text[at] == ","):
                arguments.append(text[start:at].strip())
                start = at + 1
            if depth == 0:
                break
        yield arguments


def wanted(parameter):
    """The bad value that a parameter must meet, or None."""
    if parameter == "void" or parameter.endswith("** err"):
        return None
    if "*" in parameter or "[" in parameter:
        return "NULL"
    return "0" if parameter.startswith("size_t ") and parameter.endswith("_len") else None


def missing(functions, text):
    found = []
    for name, parameters in sorted(functions.items()):
        seen = list(calls(text, name))
        for place, parameter in enumerate(parameters):
            value = wanted(parameter)
            if value and not any(len(one) > place and one[place] == value for one in seen):
                found.append(f"{name}: {value} for {parameter}")
    return found


class EveryFunction(unittest.TestCase):
    def test_each_pointer_and_length(self):
        functions = {}
        for header in sorted(HEADERS.glob("*.h")):
            functions |= declared(header.read_text(encoding="utf-8"))
        self.assertGreater(len(functions), 100)
        tests = "\n".join(source.read_text(encoding="utf-8") for source in sorted(HERE.glob("*_test.c")))
        self.assertEqual(missing(functions, tests), [])

    def test_what_is_not_called_so_is_found(self):
        functions = declared("ES_API es_status es_one(es_x* x, const char* text, size_t text_len,\n es_error** err) ES_NOEXCEPT;")
        self.assertEqual(missing(functions, "es_one(NULL, f(a, b), 0, ERR); es_one(x, NULL, 3, ERR)"), [])
        self.assertEqual(missing(functions, "es_one(x, f(NULL, 0), 1, ERR)"),
                         ["es_one: NULL for es_x* x", "es_one: NULL for const char* text", "es_one: 0 for size_t text_len"])


if __name__ == "__main__":
    unittest.main()
