"""An XML body to a plain object, without DTDs: no entity is ever expanded or fetched."""

from collections.abc import Mapping
from xml.parsers import expat

from orchestrator.exotel.content import LARGEST, body_text

DEEPEST = 32
"""Levels of elements. A call with its legs has five."""


class _Refused(Exception):  # noqa: N818 - a document we will not read, caught in this file
    """A document type, an entity, or nesting beyond any reply."""


class _Tree:
    """Collects elements: one with children becomes an object, any other its text; repeats become a list."""

    def __init__(self) -> None:
        self.root: dict[str, object] = {}
        self._open: list[tuple[str, dict[str, object], list[str]]] = [("", self.root, [])]

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if len(self._open) > DEEPEST:
            raise _Refused
        self._open.append((name, {}, []))

    def characters(self, data: str) -> None:
        self._open[-1][2].append(data)

    def end(self, _name: str) -> None:
        name, children, texts = self._open.pop()
        value: object = children or "".join(texts)
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(before := siblings[name], list):
            before.append(value)
        else:
            siblings[name] = [before, value]

    def refuse(self, *_declaration: object) -> None:
        raise _Refused


def xml_object(body: bytes) -> Mapping[str, object] | None:
    """Return `{root: ...}`; None where the body is not well-formed or declares a document type or an entity.

    The parser reads decoded text and itself reports a declaration, so no encoding of the body hides one.
    """
    if len(body) > LARGEST:
        return None
    tree = _Tree()
    parser = expat.ParserCreate()
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.characters
    parser.StartDoctypeDeclHandler = tree.refuse
    parser.EntityDeclHandler = tree.refuse
    try:
        parser.Parse(body_text(body).lstrip("\ufeff \t\r\n"), True)
    except (expat.ExpatError, _Refused, ValueError):
        return None
    return tree.root
