"""A real Git repository to compare plans in."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}

PLAN = """\
version: 1
name: confirm
purpose: transactional
defaults: {From: "+918123456789", CallerId: "07410410123"}
calls:
  - {id: c1, To: "+447700900101"}
"""
SECOND = '  - {id: c2, To: "+447700900102"}\n'
"""One more call, for the end of the plan."""


@dataclass(frozen=True)
class Repository:
    """A repository with its working tree in `home`."""

    home: Path

    @classmethod
    def made(cls, home: Path) -> "Repository":
        home.mkdir(parents=True, exist_ok=True)
        repository = cls(home)
        repository.git("init", "-q", "-b", "main")
        return repository

    def git(self, *arguments: str, text: str | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.home,
            env={**os.environ, **IDENTITY},
            input=text,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def link(self, path: str, target: str) -> None:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(target)

    def commit(self, message: str = "a step") -> str:
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()
