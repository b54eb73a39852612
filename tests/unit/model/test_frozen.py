"""A frozen record does what a frozen dataclass does, but for the check of an assignment, which the type checker has."""

import copy
from dataclasses import field, fields, replace
from pathlib import Path

import pytest

from orchestrator.model.frozen import frozen

SOURCES = Path(__file__).parents[3] / "orchestrator"


@frozen
class Point:
    """Two fields, one of them with a default that is made anew."""

    x: int
    notes: list[str] = field(default_factory=list)


@frozen
class Place(Point):
    """A field that is not compared, one that is not shown."""

    seen: float = field(default=0.0, compare=False)
    secret: str = field(default="", repr=False)


@frozen
class Other:
    """As `Point`, and another kind."""

    x: int
    notes: list[str] = field(default_factory=list)


@frozen
class Key:
    """What can be hashed."""

    name: str
    n: int = 1


@frozen
class Reckoned:
    """What is not given to it: reckoned, the same for all, made anew."""

    n: int
    double: int = field(init=False)
    kind: str = field(default="plain", init=False)
    seen: list[int] = field(default_factory=list, init=False)
    last: int = 7

    def __post_init__(self) -> None:
        object.__setattr__(self, "double", 2 * self.n)


@frozen
class Nothing:
    """No field at all."""


@frozen
class Alike:
    """What says itself when it is equal, and how it is shown."""

    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike) and self.name.lower() == other.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())

    def __repr__(self) -> str:
        return "Alike"


def test_records_are_compared_by_their_fields_and_their_class():
    assert Point(1, ["a"]) == Point(1, ["a"])
    assert Point(1) != Point(2)
    assert Point(1, ["a"]) != Point(1, ["b"])
    assert Point(1) != Other(1)
    assert Point(1) != Place(1)
    assert Place(1, seen=1.0) == Place(1, seen=2.0)
    assert Place(1, secret="a") != Place(1, secret="b")
    assert Point(1) != 1
    assert Nothing() == Nothing()


def test_records_are_hashed_by_what_is_compared():
    assert {Key("a"): 1}[Key("a", 1)] == 1
    assert len({Key("a"), Key("a"), Key("a", 2), Key("b"), Nothing(), Nothing()}) == 4
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))


def test_records_are_shown_by_their_fields():
    assert repr(Place(1, ["a"], 2.0, "hidden")) == "Place(x=1, notes=['a'], seen=2.0)"
    assert repr(Nothing()) == "Nothing()"


def test_what_a_class_says_itself_stays():
    assert Alike("A") == Alike("a")
    assert (hash(Alike("A")), repr(Alike("a"))) == (hash(Alike("a")), "Alike")


def test_records_are_dataclasses_with_slots():
    point = Point(1)
    assert [each.name for each in fields(point)] == ["x", "notes"]
    assert replace(point, x=2) == Point(2)
    assert Point(1).notes is not point.notes
    assert not hasattr(point, "__dict__")
    with pytest.raises(AttributeError):
        point.y = 3
    match point:
        case Point(x, notes):
            assert (x, notes) == (1, [])
    assert copy.deepcopy(point) == point


def test_a_record_is_made_of_what_is_given_and_of_what_its_class_says() -> None:
    for _ in range(2):  # the first one of its class, and another
        made = Reckoned(3, last=8)
        assert (made.n, made.double, made.kind, made.seen, made.last) == (3, 6, "plain", [], 8)
        assert Reckoned(3).seen is not made.seen
    assert Reckoned(n=1) == Reckoned(1, 7)
    assert Point(1, notes=["a"]).notes == ["a"]


@pytest.mark.parametrize(
    ("given", "named"),
    [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"kind": "other"}), ((1,), {"nothing": 1})],
)
def test_what_does_not_fit_is_refused_by_the_first_record_too(given: tuple[int, ...], named: dict[str, object]) -> None:
    @frozen
    class Fresh:
        """Two of its fields can be given."""

        x: int
        kind: str = field(default="plain", init=False)
        y: int = 0

    for _ in range(2):
        with pytest.raises(TypeError, match="__init__\\(\\)"):
            Fresh(*given, **named)
    assert (Fresh(1).x, Fresh(1, 2).y) == (1, 2)


def test_the_product_has_no_record_of_the_dear_kind():
    """`@dataclass(frozen=True)` compiles methods at each start, of each class that a command imports."""
    dear = [path for path in SOURCES.rglob("*.py") if "\n@dataclass(frozen" in path.read_text("utf-8")]
    assert dear == []
