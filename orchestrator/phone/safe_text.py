"""Texts of others in what a pipeline logs: nothing in them is a command that the pipeline obeys.

Azure's and GitHub's runners read every line that a step prints, on stdout and stderr: `##vso[task.setvariable ...]` and
`##[...]` count anywhere in it, `::error::` where it begins, blanks aside.
"""

import re

ANYWHERE = r"#(?=#[A-Za-z]{0,20}\[)"
_ANYWHERE = re.compile(ANYWHERE)
_ANY_COMMAND = re.compile(rf"{ANYWHERE}|(?:(?<=\s)|\A):(?=:[A-Za-z])")


def commands(text: str) -> list[int]:
    """Return where commands begin in a text that may come to stand at the start of a line."""
    return [found.start() for found in _ANY_COMMAND.finditer(text)]


def disarmed(text: str) -> str:
    r"""Return the text with the first character of each command written out: `\x23#vso[`, `\x3a:error::`."""
    return _ANY_COMMAND.sub(lambda found: written_out(found.group()), text)


def disarmed_json(text: str) -> str:
    r"""Return JSON that means the same, and also any other text, where no command counts that counts anywhere.

    `##` stands in JSON only inside strings, where `\u0023` means `#`.
    """
    return _ANYWHERE.sub(r"\\u0023", text) if "##" in text else text


def written_out(character: str) -> str:
    r"""Return `\x23` for `#`: what a person still reads."""
    return f"\\x{ord(character):02x}"
