"""The programs in docs/ are the files under examples/snippets/, word for word."""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import snippets  # noqa: E402

SOURCE = pathlib.Path(os.environ["EVENTSOURCE_SOURCE_DIR"])


class Docs(unittest.TestCase):
    def test_every_program_of_the_docs_is_a_snippet(self):
        sources = [path for path in (SOURCE / "examples/snippets").iterdir() if not path.name.startswith(".")]
        files = {path.name: path.read_text() for path in sources}
        shown = {name: source for name, (source, _) in snippets.of(SOURCE / "docs").items()}
        self.assertEqual(shown, files)

    def test_no_other_program_is_in_c_md_and_cpp_md(self):
        for page in ("c.md", "cpp.md"):
            text = (SOURCE / "docs" / page).read_text()
            fences = text.count("\n```c\n") + text.count("\n```cpp\n")
            self.assertEqual(fences, text.count("<!-- examples/snippets/"), page)


if __name__ == "__main__":
    unittest.main()
