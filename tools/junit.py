"""Writes and reads the small part of JUnit XML that the runners share."""

import dataclasses
import pathlib
import re
import xml.etree.ElementTree as ET

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclasses.dataclass
class Case:
    name: str
    outcome: str
    text: str = ""
    seconds: float = 0.0


def write(path, suite, cases):
    """Writes the file under another name first: a reader never meets half of it."""
    root = ET.Element("testsuites")
    element = ET.SubElement(root, "testsuite", name=suite, tests=str(len(cases)))
    for case in cases:
        node = ET.SubElement(element, "testcase", name=case.name, time=f"{case.seconds:.3f}")
        if case.outcome == FAILED:
            ET.SubElement(node, "failure").text = _printable(case.text)
        elif case.outcome == SKIPPED:
            ET.SubElement(node, "skipped", message=_printable(case.text))
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    ET.ElementTree(root).write(partial, encoding="utf-8", xml_declaration=True)
    partial.rename(path)


def read(path):
    """The cases of a file by GoogleTest, cmocka or write(). Raises ET.ParseError on half a file."""
    # GoogleTest writes a parameter or message as it is, also where its bytes are no text.
    text = _printable(pathlib.Path(path).read_bytes().decode("utf-8", "backslashreplace"))
    cases = []
    for suite in ET.fromstring(text.encode("utf-8")).iter("testsuite"):
        for node in suite.findall("testcase"):
            cases.append(_read_case(suite.get("name", ""), node))
    return cases


def _read_case(suite, node):
    # GoogleTest repeats the suite as classname; cmocka and write() have only the name.
    name = node.get("name", "")
    if node.get("classname"):
        name = f"{suite}.{name}"
    seconds = float(node.get("time") or 0)
    problems = node.findall("failure") + node.findall("error")
    if problems:
        text = "\n".join((p.text or p.get("message") or "").strip() for p in problems)
        return Case(name, FAILED, text, seconds)
    # GoogleTest marks a disabled test "notrun": it did not run, so it is a skip.
    skipped = node.find("skipped")
    if skipped is not None or node.get("status") == "notrun":
        reason = "" if skipped is None else (skipped.get("message") or skipped.text or "").strip()
        return Case(name, SKIPPED, reason or "no reason given", seconds)
    return Case(name, PASSED, "", seconds)


def _printable(text):
    """XML 1.0 has no place for most control characters."""
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
