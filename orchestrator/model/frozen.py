"""How a record is declared that nobody changes."""

from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class a dataclass with slots that is compared, hashed and shown by its fields.

    That no field of it is set again is seen to by the type checker, not when it runs. `@dataclass(frozen=True,
    slots=True)` would see to it then: for each class it compiles six methods from text, which every start of a command
    would wait for (0.6 ms a class, of which `run` has two hundred), and it sets the fields of new records the slow way.
    Here one is compiled, once the first record is made: most classes that a command imports make none.
    """
    own = vars(cls)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else `dataclass` makes one of its signature, which takes milliseconds
    made = dataclass(init=False, slots=True, eq=False, repr=False)(cls)
    for name, method in _methods(made).items():
        if name not in own:
            setattr(made, name, method)
    return made


def _methods(made: type[Any]) -> dict[str, Any]:
    """Return the methods that deal with all fields of a record at once."""
    all_fields = fields(made)
    values = attrgetter("__class__", *(each.name for each in all_fields if each.compare))
    shown = [each.name for each in all_fields if each.repr]

    def init(self: Any, *given: Any, **named: Any) -> None:
        made.__init__ = _compiled(all_fields, has_more=hasattr(made, "__post_init__"))
        made.__init__(self, *given, **named)

    def equals(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    def represented(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    return {"__init__": init, "__eq__": equals, "__hash__": hashed, "__repr__": represented}


def _compiled(all_fields: tuple[Field[Any], ...], *, has_more: bool) -> Callable[..., None]:
    """Return what sets the fields of a new record, and calls its class's own `__post_init__` where it `has_more`."""
    known: dict[str, Any] = {"MISSING": MISSING}
    parameters, lines = ["self"], []
    for each in all_fields:
        name, default = each.name, f"default_{each.name}"
        has_default, is_made = each.default is not MISSING, each.default_factory is not MISSING
        known[default] = each.default_factory if is_made else each.default
        if each.init:
            parameters.append(f"{name}=MISSING" if is_made else f"{name}={default}" if has_default else name)
            lines.append(
                f"self.{name} = {default}() if {name} is MISSING else {name}" if is_made else f"self.{name} = {name}"
            )
        elif has_default or is_made:
            lines.append(f"self.{name} = {default}{'()' * is_made}")
    lines.append("self.__post_init__()" if has_more else "pass")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines), known)  # noqa: S102 - names of our fields
    compiled: Callable[..., None] = known["__init__"]
    return compiled
