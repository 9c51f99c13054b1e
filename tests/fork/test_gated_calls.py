"""Every call of SQLite in core/sqlite goes through gated<>, so that no fork comes in the middle of it."""

import os
import pathlib
import re
import unittest

FOLDER = pathlib.Path(os.environ["EVENTSOURCE_SOURCE_DIR"], "core/sqlite")

# Neither lock nor allocate, and run once a column of a row.
FREE = {
    "sqlite3_column_blob",
    "sqlite3_column_bytes",
    "sqlite3_column_int64",
    "sqlite3_column_type",
    "sqlite3_errstr",
}
# Runs at a fork, when no thread is inside.
AT_A_FORK = "open_files.cpp"

CALL = re.compile(r"\b(sqlite3_\w+)\(")
METHOD = re.compile(r"pMethods->\w+\(")


def calls_of(text: str) -> list[str]:
    code = "\n".join(line.split("//")[0] for line in text.splitlines())
    return CALL.findall(code) + METHOD.findall(code)


class GatedCalls(unittest.TestCase):
    def test_no_call_goes_past_the_gate(self):
        past = []
        for file in sorted([*FOLDER.glob("*.cpp"), *FOLDER.glob("*.hpp")]):
            if file.name == AT_A_FORK:
                continue
            past += [f"{file.name}: {name}" for name in calls_of(file.read_text()) if name not in FREE]
        # Asks the file itself, with a NoFork around it.
        self.assertEqual(past, ["open.cpp: pMethods->xRead("])

    def test_a_call_past_the_gate_is_seen(self):
        self.assertEqual(calls_of("x = sqlite3_step(s);  // sqlite3_reset(s)"), ["sqlite3_step"])
        self.assertEqual(calls_of("x = gated<sqlite3_step>(s);"), [])


if __name__ == "__main__":
    unittest.main()
