"""What the schemas of CI servers demand of a JUnit report, written down after them: the strictest of each.

They are the schema of Jenkins' xUnit plugin (junit-10), by which it refuses a report, and the one of Ant's report,
which other viewers go by. There is no other standard.
"""

import re
import xml.etree.ElementTree as ET
from typing import NamedTuple


class Element(NamedTuple):
    """What an element has: the attributes that Ant demands and those that Jenkins allows beside, children, text."""

    demanded: str = ""
    allowed: str = ""
    children: str = ""
    text: bool = False


ELEMENTS = {
    "testsuites": Element(allowed="name time tests failures errors", children="testsuite"),
    "testsuite": Element(
        demanded="name package id timestamp hostname tests failures errors time",
        allowed="group skipped file log url",
        children="properties testcase system-out system-err",
    ),
    "properties": Element(children="property"),
    "property": Element(demanded="name value"),
    "testcase": Element(demanded="name classname time", allowed="group", children="skipped error failure"),
    "failure": Element(demanded="type", allowed="message", text=True),
    "error": Element(demanded="type", allowed="message", text=True),
    "skipped": Element(allowed="type message", text=True),
    "system-out": Element(text=True),
    "system-err": Element(text=True),
}
TIME = re.compile(r"[0-9]+(\.[0-9]+)?")
"""Without the commas that Jenkins would take too."""
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
"""Without the zone that Ant's schema has no room for."""


def held_to_the_schemas(text: str) -> ET.Element:
    """Read a document, and return its only suite."""
    root = ET.fromstring(text)  # noqa: S314 - written by ourselves
    for element in root.iter():
        _held_alone(element)
    (suite,) = root
    assert (root.tag, root.attrib) == ("testsuites", {})
    order = [child.tag for child in suite]
    assert order == ["properties", *["testcase"] * (len(order) - 3), "system-out", "system-err"]
    assert all(len(case) <= 1 for case in suite.iter("testcase")), "Ant's has one result of a case"
    assert all(suite.attrib[name].isdecimal() for name in ("tests", "failures", "errors", "skipped", "id"))
    assert MOMENT.fullmatch(suite.attrib["timestamp"])
    assert all(TIME.fullmatch(element.attrib["time"]) for element in (suite, *suite.iter("testcase")))
    assert all(suite.attrib[name] for name in ("name", "package", "hostname"))
    for kind, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[kind]) == len(list(suite.iter(tag)))
    return suite


def _held_alone(element: ET.Element) -> None:
    wanted = ELEMENTS.get(element.tag)
    assert wanted is not None, element.tag
    demanded = set(wanted.demanded.split())
    assert demanded <= set(element.attrib) <= demanded | set(wanted.allowed.split()), element.tag
    assert {child.tag for child in element} <= set(wanted.children.split()), element.tag
    beside = [element.text if not wanted.text else None, *(child.tail for child in element)]
    assert not "".join(filter(None, beside)).strip(), f"text in {element.tag}"
