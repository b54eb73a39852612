"""Where this machine keeps secrets, as far as a command is told: what no plan may read."""

import os


def closed_paths(secrets_dir: str | None) -> tuple[str, ...]:
    """Return the folder of `--secrets-dir`, and the files of passwords that the environment names."""
    return tuple(path for path in (secrets_dir, os.environ.get("PGPASSFILE"), os.environ.get("NETRC")) if path)
