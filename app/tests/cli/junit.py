"""Holds a JUnit report on standard input to the schema that build servers go by (Jenkins' junit-10.xsd)."""

import sys
import xml.etree.ElementTree as ElementTree

NUMBERS = {"tests", "failures", "errors", "disabled", "skipped", "time"}
SUMS = {"tests", "failures", "errors", "disabled", "skipped", "time"}
# Element: attributes that it has to have, attributes that it may have, elements that may stand in it.
SCHEMA = {
    "testsuites": (set(), SUMS | {"name", "id", "uuid", "timestamp"}, {"testsuite"}),
    "testsuite": (
        {"name"},
        NUMBERS | {"tests", "id", "hostname", "package", "timestamp", "file", "log", "url", "version"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name", "classname"},
        {"time", "timestamp", "assertions", "status", "file", "group"},
        {"properties", "skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"message", "type"}, set()),
    "error": (set(), {"message", "type"}, set()),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "skipped": (set(), {"message", "type"}, set()),
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}


def check(element):
    required, allowed, inside = SCHEMA[element.tag]
    attributes = set(element.attrib)
    assert required <= attributes, f"{element.tag} lacks {required - attributes}"
    assert attributes <= required | allowed, f"{element.tag} has {attributes - required - allowed}"
    for name in attributes & NUMBERS:
        assert float(element.get(name)) >= 0, f"{element.tag} {name}"
    for child in element:
        assert child.tag in inside, f"{child.tag} in {element.tag}"
        check(child)


root = ElementTree.fromstring(sys.stdin.buffer.read())
assert root.tag == "testsuites", root.tag
check(root)
for suite in [root, *root]:
    for word, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        counted = len(list(suite.iter(tag)))
        assert int(suite.get(word)) == counted, f"{suite.tag}: {word}"
