"""In this folder every public function is called with NULL for each of its pointers and 0 for each of its lengths, and every
one that can fail runs out of memory; on PostgreSQL every one that waits for the server."""

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


def never_out_of_memory(functions, text):
    """Those that tell of errors, and are not called."""
    fallible = [name for name, parameters in functions.items() if parameters[-1].endswith("** err")]
    return sorted(name for name in fallible if not any(calls(text, name)))


def all_functions():
    functions = {}
    for header in sorted(HEADERS.glob("*.h")):
        functions |= declared(header.read_text(encoding="utf-8"))
    return functions


def text_of(sources):
    return "\n".join(source.read_text(encoding="utf-8") for source in sorted(sources))


class EveryFunction(unittest.TestCase):
    def test_each_pointer_and_length(self):
        functions = all_functions()
        self.assertGreater(len(functions), 100)
        tests = "\n".join(source.read_text(encoding="utf-8") for source in sorted(HERE.glob("*_test.c")))
        self.assertEqual(missing(functions, tests), [])

    def test_each_runs_out_of_memory(self):
        self.assertEqual(never_out_of_memory(all_functions(), text_of(HERE.glob("*memory_test.cpp"))), [])

    def test_each_that_waits_runs_out_of_memory_on_postgresql(self):
        stores = {name: parameters for name, parameters in all_functions().items()
                  if name.startswith("es_store_") and not name.startswith("es_store_start_")}
        text = text_of((HERE.parent / "postgres_memory").glob("*"))
        self.assertEqual(never_out_of_memory(stores, text), [])

    def test_what_does_not_run_out_of_memory_is_found(self):
        functions = declared("ES_API es_status es_one(es_error** err) ES_NOEXCEPT;\n"
                             "ES_API es_status es_two(int x, es_error** err) ES_NOEXCEPT;\n"
                             "ES_API void es_three(int x) ES_NOEXCEPT;")
        self.assertEqual(never_out_of_memory(functions, "es_two(1, err)"), ["es_one"])

    def test_what_is_not_called_so_is_found(self):
        functions = declared("ES_API es_status es_one(es_x* x, const char* text, size_t text_len,\n es_error** err) ES_NOEXCEPT;")
        self.assertEqual(missing(functions, "es_one(NULL, f(a, b), 0, ERR); es_one(x, NULL, 3, ERR)"), [])
        self.assertEqual(missing(functions, "es_one(x, f(NULL, 0), 1, ERR)"),
                         ["es_one: NULL for es_x* x", "es_one: NULL for const char* text", "es_one: 0 for size_t text_len"])


if __name__ == "__main__":
    unittest.main()
