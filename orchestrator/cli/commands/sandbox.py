"""`orchestrate sandbox`: the simulated carrier on a port."""

import click

from orchestrator.cli.complete import scenarios
from orchestrator.cli.options import Command
from orchestrator.cli.screen import Screen, write_stderr, write_stdout


@click.command("sandbox", cls=Command)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
@click.option(
    "--scenario",
    default="everyday",
    show_default=True,
    metavar="NAME",
    shell_complete=scenarios,
    help="How its people and lines behave.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Same seed, same behaviour."
)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="How many of its seconds pass in one of ours.",
)
@click.option(
    "--callbacks-to",
    metavar="HOST",
    help="One more host that callbacks may go to, else loopback only.",
)
@click.pass_obj
def sandbox_command(
    screen: Screen, /, port: int, scenario: str, seed: int, speed: float, callbacks_to: str | None
) -> int:
    """Serve the simulated carrier on a loopback port until interrupted; no phone ever rings.

    The first line on stdout is its base URL. It accepts the EXOTEL_* credentials of its environment, else account,
    key and token `sandbox`. What it received: GET /_sandbox/requests, forgotten by POST /_sandbox/reset.
    """
    from orchestrator.app.sandbox import run_sandbox
    from orchestrator.cli.library_logs import never_wait_for_stderr

    never_wait_for_stderr(screen)

    def announce(url: str) -> None:
        write_stdout(f"{url}\n")
        write_stderr("the sandbox is serving; no phone ever rings. Ctrl-C ends it.")

    return run_sandbox(port, scenario, seed, speed, callbacks_to, announce)
