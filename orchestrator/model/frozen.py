"""How a record is declared that nobody changes."""

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class a dataclass with slots that is compared, hashed and shown by its fields.

    That no field of it is set again is seen to by the type checker, not when it runs. `@dataclass(frozen=True,
    slots=True)` would see to it then: for each class it compiles six methods from text, which every start of a command
    would wait for (0.6 ms a class, of which `run` has two hundred), and it sets the fields of new records the slow way.
    """
    own = vars(cls)
    made = dataclass(slots=True, eq=False, repr=False)(cls)
    for name, method in _methods(made).items():
        if name not in own:
            setattr(made, name, method)
    return made


def _methods(made: type[Any]) -> dict[str, Any]:
    """Return the methods that ask for all fields of a record at once."""
    all_fields = fields(made)
    values = attrgetter("__class__", *(each.name for each in all_fields if each.compare))
    shown = [each.name for each in all_fields if each.repr]

    def equals(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    def represented(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    return {"__eq__": equals, "__hash__": hashed, "__repr__": represented}
