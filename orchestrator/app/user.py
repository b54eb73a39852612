"""Who sits at this terminal, as far as this machine knows."""

import getpass
import os


def user() -> str:
    """Return the user's name, for the journal to keep beside what they said."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        name = f"user {os.getuid()}"
    return name.encode("utf-8", "replace").decode()
