"""What every test stands on: an environment that does not depend on who runs it, and the size of a run."""

import gc
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from acceptance.desk import Desk
from durability.carrier import Carrier, counting_carrier
from hypothesis import HealthCheck, settings
from temporary import use_memory

HERE = Path(__file__).parent
SCRUBBED = (
    # A developer's own account must never be dialed, nor decide what a test sees.
    "EXOTEL_",
    "ORCHESTRATE_",
    # A proxy would send loopback requests elsewhere, or refuse them.
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    # Certificates and key logs of the machine change what a TLS failure looks like.
    "SSL_CERT_",
    "SSLKEYLOGFILE",
    # These change colours, progress and log format.
    "CI",
    "GITHUB_ACTIONS",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "TERM",
    "COLUMNS",
    "LINES",
    "TTY_",
    "LOG_FORMAT",
    # A journal's password, and where a user's own files are.
    "PG",
    "XDG_",
    # Without compiled files every command would compile the product again, at three times the time.
    "PYTHONDONTWRITEBYTECODE",
    # A hook or an editor may run the tests inside a Git command.
    "GIT_",
)
"""Names and beginnings of names that are removed before the first test."""

for name in [name for name in os.environ if name.startswith(SCRUBBED)]:
    del os.environ[name]
os.environ["TZ"] = "UTC"  # the carrier's times are zoneless: a test must not pass in one zone only
use_memory()
# Examples are drawn in their own time: a busy machine finds no fault in a property.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while ten thousand tests are listed, nor ever among them: each worker spares seconds."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


WAITING = ("durability", "acceptance", "contract")
"""The folders whose tests wait more than they compute; those that wait longest first."""
AT_THE_END = 0.1
"""The share of the computing files, all short ones, that come last: no worker has a long one left when others end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the full-size runs to `pytest -m campaign`; a bare `pytest` is `make test`. Spread what waits."""
    if "campaign" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("campaign")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("campaign")]
    items[:] = spread(items)


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Put the files that wait evenly between those that compute: at any time some worker has use for the processor."""
    waiting: dict[Path, list[pytest.Item]] = {}
    computing: dict[Path, list[pytest.Item]] = {}
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        (waiting if folder in WAITING else computing).setdefault(item.path, []).append(item)
    waiting = dict(sorted(waiting.items(), key=lambda each: WAITING.index(each[0].relative_to(HERE).parts[0])))
    share = 1 - AT_THE_END
    places = [
        (place / len(files) * part, tests)
        for files, part in ((waiting, share), (computing, 1.0))
        for place, tests in enumerate(files.values())
    ]
    return [item for _, tests in sorted(places, key=lambda each: each[0]) for item in tests]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Take five workers for two cores: the tests of whole commands wait more than they compute."""
    return max(2, 5 * (os.cpu_count() or 1) // 2)


def pytest_configure() -> None:
    """Let signals reach what the tests start: what a shell runs in its background, or nohup, ignores some of them.

    Their children would too; a signal that is taken and does nothing comes to a program that is started as it should.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    """A counting carrier of this test's own."""
    with counting_carrier(tmp_path / "carrier") as running:
        yield running


@pytest.fixture(scope="session")
def blank_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as `orchestrate journal create` makes it, in one file, still unused."""
    desk = Desk.laid_out(tmp_path_factory.mktemp("blank"))
    desk.create_journal()
    assert sorted(desk.folder.glob("journal.sqlite*")) == [desk.journal]
    return desk.journal


@pytest.fixture
def desk(tmp_path: Path, blank_journal: Path) -> Iterator[Desk]:
    """A user's desk: a repository, a home, and the counting carrier's credentials in the environment."""
    desk = Desk.laid_out(tmp_path, blank=blank_journal)
    yield desk
    desk.end()


@pytest.fixture
def live(desk: Desk, carrier: Carrier) -> Path:
    """A live target file that leads to the counting carrier; its journal exists."""
    desk.create_journal()
    return desk.target(carrier)
