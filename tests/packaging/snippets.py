"""The programs that a page of docs/ shows: name, source and the output that the page promises."""

import re

# The file, its text, and what it prints.
SHOWN = re.compile(
    r"<!-- examples/snippets/(?P<name>\S+) -->\n"
    r"```(?:cpp|c)\n(?P<source>.*?)```\n"
    r"\nprints\n\n"
    r"```text\n(?P<output>.*?)```\n",
    re.DOTALL,
)


def of(docs):
    """All of them, by the name of the file."""
    shown = {}
    for page in sorted(docs.glob("*.md")):
        for found in SHOWN.finditer(page.read_text(encoding="utf-8")):
            shown[found["name"]] = (found["source"], found["output"])
    return shown
