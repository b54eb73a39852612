"""The patterns of the schemas: linear, with no unbounded repetition inside another, the same in every regex dialect.

They say to editors what `forms` decides: every pattern here has a form there, which knows the reason too.
"""

NAME = "^[a-z0-9][a-z0-9-]{0,62}$"
EDITION = "^[A-Za-z0-9][A-Za-z0-9._:+-]{0,62}$"
"""Like a name, with what dates, times and versions need; it stands in tables and in the journal's keys."""
ID = "^[A-Za-z0-9_-]{1,64}$"
"""An account's Sid and a journal's id: also a part of paths, hence no dots and slashes."""

_UNITS = "(?:[0-9]{1,9}(?:ms|s|m|h|d)){1,5}"
DURATION = f"^{_UNITS}$"
RATE = f"^[1-9][0-9]{{0,5}}/(?:second|minute|hour|{_UNITS})$"
SHARE = "^(?:100|[1-9]?[0-9](?:[.][0-9]{1,2})?)%$"

_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_RANGE = f"{_DAY}(?:-{_DAY})?"
DAYS = f"^{_RANGE}(?:, ?{_RANGE}){{0,6}}$"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
HOURS = f"^{_TIME}-(?:{_TIME}|24:00)$"
ZONE = "^[A-Za-z0-9_+/-]{1,64}$"
DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})$"
TEMPLATE = "[$][{]"
"""A value that a row or a variable completes; what comes out is judged again."""
MOMENT_OR_TEMPLATE = f"{TEMPLATE}|{MOMENT}"

MONEY = "^[0-9]{1,12}(?:[.][0-9]{1,4})? [A-Z]{3}$"
DECIMAL = "^[0-9]{1,9}(?:[.][0-9]{1,6})?$"
CURRENCY = "^[A-Z]{3}$"

_LOOPBACK = r"(?:localhost|127[.][0-9.]{5,11}|\[::1\])"
_HOST = r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])"
_REST = "(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?$"
ADDRESS = f"^(?:https://{_HOST}|http://{_LOOPBACK}){_REST}"
LISTEN = r"^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}$"
