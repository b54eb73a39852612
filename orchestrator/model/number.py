"""What the carrier says of a phone number."""

from enum import StrEnum


class DndMark(StrEnum):
    """The carrier's word on whether a number is registered as do-not-disturb."""

    YES = "yes"
    NO = "no"
    UNAVAILABLE = "unavailable"  # its normal word for landlines; ours for numbers outside its registry
