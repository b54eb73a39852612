"""Measures the product side by side with others that do the same work: whole processes, in turn, round by round.

    make bench                                    every row; renews bench.json, bench.md, bench.svg and README.md
    python benchmarks/bench.py --only run tls     some rows, printed only; --write puts them in place of the older
    python benchmarks/bench.py --small --out DIR  tiny sizes: whether all of it works; its figures say nothing

The peers and the carrier have a virtual environment of their own (.run/benchmarks/venv), made on first use. curl,
h2load and openssl are the system's.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from contenders import PRODUCT, Contenders
from inputs import BY_ENDINGS, EVERY_KEY, HIGH_PACE, Desk
from measure import Carrier, Command, Failed, Figures, carrier, in_turn, median, ratio
from results import Headline, Result, Store, circumstances
from resume_million import finish_like_the_first

HERE = Path(__file__).parent
WORK = HERE.parent / ".run" / "benchmarks"
"""On the disk of the working copy, where a commit costs what it costs; in /tmp it may cost nothing."""

UNTIL_PLACED = ("--until", "placed")
LEGS_AND_RATES = {"legs": 100_000, "rates": {"currency": "INR", "per_minute": "0.60", "pulse": "60s"}}
LOOK_UPS = {"lookups": {"after": "1ms", "every": "50ms", "settle": "1s"}}


@dataclass(frozen=True)
class Sizes:
    """How much is measured, and how often."""

    calls: int = 20_000
    growth: tuple[int, ...] = (1_000, 20_000, 200_000)
    rows: int = 1_000_000
    literal: int = 20_000
    days: int = 5_000
    suppressed: int = 100_000
    rounds: int = 3
    starts: int = 21


SMALL = Sizes(calls=20, growth=(2, 4), rows=200, literal=20, days=20, suppressed=100, rounds=1, starts=1)


@dataclass(frozen=True)
class Bench:
    """What a row needs."""

    desk: Desk
    who: Contenders
    sizes: Sizes


def run(bench: Bench) -> Result:
    """The whole way of a call, against those who only post."""
    calls = bench.sizes.calls
    with carrier(bench.who.python) as running:
        ours = bench.who.product(running, calls, bench.desk.plan(calls), *UNTIL_PLACED)
        taken = in_turn({"orchestrate run": ours, **bench.who.others(running, calls)}, bench.sizes.rounds)
    headlines = [against(taken, "aiohttp loop", f"`run` of {calls:,} calls over a bare aiohttp loop", "1.5x; 0.8x")]
    if "curl --parallel" in taken:
        headlines.append(
            against(taken, "curl --parallel", f"`run` of {calls:,} calls over `curl --parallel -K`", "2.0x; 1.0x")
        )
    headlines.append(peak(taken["orchestrate run"], f"peak memory of a run of {calls:,} calls", "90 MB; 60 MB"))
    note = (
        "64 in flight, `--until placed`, no cap that holds: plan and CSV checked, every intent on disk, synced, before"
        " its request, JSON logs to a file, a report. The others have no journal, no pace and no report; h2load sends"
        " the same body again and again, and shows where the carrier ends."
    )
    return Result("run", f"A run of {calls:,} calls", note, taken, headlines, "aiohttp loop", calls)


def tls(bench: Bench) -> Result:
    """The same over TLS, certificate checked."""
    calls = bench.sizes.calls
    with carrier(bench.who.python, bench.desk.certificate()) as running:
        ours = bench.who.product(running, calls, bench.desk.plan(calls), *UNTIL_PLACED)
        others = {name: one for name, one in bench.who.others(running, calls).items() if name != "httpx loop"}
        taken = in_turn({"orchestrate run": ours, **others}, bench.sizes.rounds)
    headlines = [against(taken, "aiohttp loop", f"`run` of {calls:,} calls over TLS, over an aiohttp loop", "told")]
    note = "As the first table, with a certificate that is checked, but for h2load."
    return Result("tls", f"A run of {calls:,} calls over TLS", note, taken, headlines, "aiohttp loop", calls)


def policy(bench: Bench) -> Result:
    """What the guards cost."""
    calls, what = bench.sizes.calls, f"`run` of {bench.sizes.calls:,} calls with every policy key, over without"
    taken = with_and_without(bench, EVERY_KEY, *UNTIL_PLACED)
    note = (
        "Keys: legs, per_agent, per_person, window, holidays, redial, limits of all kinds, success, suppress of"
        f" {bench.sizes.suppressed:,} numbers; none of them holds a call back. `--until placed` refuses stages and"
        " halt: they are in the next table."
    )
    headlines = [against(taken, "no key", what, "1.5x; 1.2x", "every key")]
    return Result("policy", f"Every policy key, {calls:,} calls", note, taken, headlines, "no key", calls)


def stages(bench: Bench) -> Result:
    """What the keys cost that are judged by endings."""
    calls, what = bench.sizes.calls, f"`run` of {bench.sizes.calls:,} calls to their endings with every policy key"
    taken = with_and_without(bench, EVERY_KEY | BY_ENDINGS, **LOOK_UPS)
    note = (
        "As the table before, and to the end of every call, in flight until then: endings are found by look-ups in bulk"
        " as soon as they may be. Every key has stages (1, 5%, 100%) and halt too."
    )
    headlines = [against(taken, "no key", f"{what}, over without", "1.5x; 1.2x", "every key")]
    title = f"Every policy key to the endings, {calls:,} calls"
    return Result("stages", title, note, taken, headlines, "no key", calls)


def with_and_without(bench: Bench, keys: dict[str, object], *more: str, **caps: object) -> dict[str, list[Figures]]:
    """Run a plan without policy, and with these keys, lists and caps."""
    calls = bench.sizes.calls
    bench.desk.lists(bench.sizes.suppressed)
    plain, full = bench.desk.plan(calls), bench.desk.plan(calls, "full", **keys)
    with carrier(bench.who.python) as running:
        contenders = {
            "no key": bench.who.product(running, calls, plain, *more, **caps),
            "every key": bench.who.product(running, calls, full, *more, **caps, **LEGS_AND_RATES),
        }
        return in_turn(contenders, bench.sizes.rounds)


def growth(bench: Bench) -> Result:
    """Whether a call costs the same in a long run as in a short one."""
    sizes = (1, *bench.sizes.growth)
    with carrier(bench.who.python) as running:
        contenders = {
            f"{calls:,} call{'s' * (calls > 1)}": bench.who.product(
                running, calls, bench.desk.plan(calls, f"plan-{calls}"), *UNTIL_PLACED
            )
            for calls in sizes
        }
        taken = in_turn(contenders, bench.sizes.rounds)
    for calls, rounds in zip(sizes, taken.values(), strict=True):
        for figures, alone in zip(rounds, taken["1 call"], strict=True):
            if calls > 1:
                figures["each"] = (figures["wall"] - alone["wall"]) / (calls - 1) * 1000
    costs = " / ".join(f"{median(rounds, 'each'):.2f}" for rounds in list(taken.values())[1:])
    what = f"cost of a call in runs of {' / '.join(f'{calls:,}' for calls in bench.sizes.growth)} calls"
    headlines = [Headline(what, f"{costs} ms", "flat within 20 %")]
    note = "As the first table. A call's cost is the wall time over that of a run of one call, by calls."
    return Result("growth", "The cost of a call", note, taken, headlines)


def first(bench: Bench) -> Result:
    """How a run of very many rows begins."""
    rows = bench.sizes.rows
    plan = bench.desk.plan(rows)
    with carrier(bench.who.python) as running:
        target = bench.desk.target(running.url)
        taken = in_turn({"orchestrate run --limit 10": lambda: begun(bench, running, plan, target)}, bench.sizes.rounds)
    rounds = taken["orchestrate run --limit 10"]
    headlines = [
        Headline(f"first run of {rows:,} rows: until the first dial", f"{median(rounds, 'first'):.1f} s", "60 s; 20 s"),
        Headline(
            f"first run of {rows:,} rows: longest wait of another process for the journal",
            f"{median(rounds, 'wait'):.2f} s",
            "1 s; 0.2 s",
        ),
        peak(rounds, f"peak memory of a run of {rows:,} rows", "130 MB; 100 MB"),
    ]
    note = (
        "From the start of the process to the arrival of the first request. The wait is for the write lock, as a"
        " callback or another run takes it for its commit. All cores may be used."
    )
    return Result("first", f"The first run of {rows:,} rows", note, taken, headlines)


def begun(bench: Bench, running: Carrier, plan: Path, target: Path) -> Figures:
    """Begin a run of many rows and dial ten, while another process asks for the journal again and again."""
    command = bench.who.dial(plan, target, *UNTIL_PLACED, "--limit", "10", alone=False)
    journal = bench.desk.home / "journal" / "calls.db"
    running.ask("POST", "/_reset")
    began, started = time.time(), time.perf_counter()
    process = command.start()
    while not (journal.with_name("calls.db-wal").exists() or has_ended(process)):
        time.sleep(0.005)
    waiting = subprocess.Popen(
        [sys.executable, str(HERE / "journal_wait.py"), str(journal)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    figures = command.end(process, started)
    longest, _ = waiting.communicate()
    told = running.ask("GET", "/_count")
    if (told["requests"], told["calls"]) != (10, 10):
        raise Failed(f"ten calls were to be dialed; the carrier received {told}")
    return figures | {"first": told["first"] - began, "wait": float(longest)}


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process has ended; what it took can still be asked for."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def checking(bench: Bench) -> Result:
    """How fast rows are checked, reviewed with their digest, and compared; and how much memory that takes."""
    rows = bench.sizes.rows
    changed, plan = bench.desk.changed_plan(rows), bench.desk.plan(rows)
    with carrier(bench.who.python) as running:
        target = bench.desk.target(running.url)
        bench.who.dial(plan, target, *UNTIL_PLACED, "--limit", "10", alone=False).run()
    known = (bench.desk.home / "journal").rename(bench.desk.home / "known") / "calls.db"
    journal = bench.who.journal()
    validated = bench.who.command(PRODUCT, "validate", plan, alone=False)
    planned, again = (
        bench.who.command(PRODUCT, "plan", plan, "--target", target, "--journal", each, alone=False)
        for each in (journal, known)
    )
    compared = bench.who.command(PRODUCT, "diff", plan, changed, "--target", target, alone=False)
    contenders = {
        "validate": validated.run,
        "plan": lambda: telling(planned, f"{rows:,} to dial", "sha256:"),
        "plan, all known": lambda: telling(again, f"{rows - 10:,} to dial", "sha256:"),
        "diff": lambda: telling(compared, f"{rows:,} changed, 0 unchanged"),
    }
    taken = in_turn(contenders, bench.sizes.rounds)
    headlines = [
        rate(taken["validate"], rows, f"`validate` of {rows:,} rows", "100,000/s; 200,000/s"),
        rate(taken["plan"], rows, f"`plan` of {rows:,} rows, with digest", "50,000/s; 100,000/s"),
        peak(taken["plan"], f"peak memory of `plan` of {rows:,} rows", "bounded"),
        rate(taken["plan, all known"], rows, f"`plan` of {rows:,} rows that its journal knows", "50,000/s; 100,000/s"),
        peak(taken["plan, all known"], f"peak memory of `plan` of {rows:,} rows that its journal knows", "bounded"),
        rate(taken["diff"], rows, f"`diff` of two plans of {rows:,} rows, every call changed", "told"),
        peak(taken["diff"], f"peak memory of `diff` of two plans of {rows:,} rows", "bounded"),
    ]
    note = (
        "All cores may be used. `plan` asks a new journal, and one that has taken the rows in and dialed ten of them."
        " `diff` reads both plans: a default, every 1,000th number and the order differ."
    )
    return Result("checking", f"{rows:,} rows checked", note, taken, headlines, count=rows)


def telling(command: Command, *words: str) -> Figures:
    """Run a command. Raises Failed unless it says these words."""
    figures, said = command.run(), command.said.read_bytes()
    missing = [each for each in words if each.encode() not in said]
    if missing:
        raise Failed(f"{' '.join(map(str, command.words))}\ndoes not say {missing}")
    return figures


def apart(work: Callable[..., None], *values: object) -> None:
    """Do it in a process of its own: what this one takes counts, to Linux, as the peak of all that it starts."""
    process = multiprocessing.get_context("fork").Process(target=work, args=values)
    process.start()
    process.join()
    if process.exitcode:
        raise Failed(f"{work.__name__} ended with {process.exitcode}")


def report(bench: Bench) -> Result:
    """How fast what became of very many calls is told, and proved, and in how much memory."""
    calls = bench.sizes.rows
    plan = bench.desk.plan(calls)
    with carrier(bench.who.python) as running:
        target = bench.desk.target(running.url, **LOOK_UPS)
        bench.who.dial(plan, target, "--limit", "1", alone=False).run()
    journal = bench.desk.home / "journal" / "calls.db"
    apart(finish_like_the_first, journal, calls)
    contenders = {
        name: bench.who.command(PRODUCT, "report", "--journal", journal, "--out", bench.desk.home / f"told{name}").run
        for name in (".json", ".jsonl", ".csv", ".sheet.csv", ".xml", ".md", ".html")
    }
    proof = bench.who.command(PRODUCT, "journal", "verify", "--journal", journal)
    taken = in_turn(contenders, bench.sizes.rounds) | in_turn({"verify": lambda: telling(proof, "verified")}, 1)
    headlines = [
        Headline(
            f"processor's time of `journal verify` of {calls:,} calls",
            f"{median(taken['verify'], 'cpu'):.1f} s",
            "20 s",
        ),
        peak(taken["verify"], f"peak memory of `journal verify` of {calls:,} calls", "bounded"),
        rate(taken[".json"], calls, f"`report` of {calls:,} calls to JSON", "50,000/s; 100,000/s"),
        rate(taken[".csv"], calls, f"`report` of {calls:,} calls to CSV", "50,000/s; 100,000/s"),
        rate(taken[".html"], calls, f"`report` of {calls:,} calls as a page", "told"),
        peak(taken[".json"], f"peak memory of `report` of {calls:,} calls to JSON", "120 MB"),
        peak(taken[".csv"], f"peak memory of `report` of {calls:,} calls to CSV", "120 MB"),
        peak(taken[".html"], f"peak memory of `report` of {calls:,} calls as a page", "bounded"),
    ]
    note = (
        "The product dials one call to its end, and what its journal then holds of it is copied for all others, with"
        " ids, numbers, Sids and durations of their own. Each report goes to a file; `verify` is `journal verify`."
    )
    return Result("report", f"{calls:,} calls reported", note, taken, headlines, count=calls)


def literal(bench: Bench) -> Result:
    """How fast calls are checked that stand in the plan itself."""
    entries = bench.sizes.literal
    plan, schema = bench.desk.literal_plan(entries), HERE.parent / "schemas" / "call-plan.schema.json"
    checker = bench.who.python.with_name("check-jsonschema")
    contenders = {
        "validate": bench.who.command(PRODUCT, "validate", plan).run,
        "check-jsonschema": bench.who.command(checker, "--schemafile", schema, plan).run,
    }
    taken = in_turn(contenders, bench.sizes.rounds)
    headlines = [rate(taken["validate"], entries, f"`validate` of {entries:,} calls in YAML", "10,000/s; 20,000/s")]
    note = (
        "Calls of 13 keys in block style. check-jsonschema knows the schema only: no place in the text, no numbering"
        " plan, no second call of an id."
    )
    return Result("literal", f"{entries:,} calls in YAML checked", note, taken, headlines, "check-jsonschema", entries)


def days(bench: Bench) -> Result:
    """How fast a plan goes in virtual time that takes days."""
    calls = bench.sizes.days
    target = bench.desk.write("days.target.yaml", json.dumps({"kind": "sandbox", "pace": HIGH_PACE}))
    dialed = bench.who.command(sys.executable, HERE / "virtual_days.py", bench.desk.days_plan(calls), target)
    taken = in_turn({"engine in virtual time": dialed.run}, bench.sizes.rounds)
    told = json.loads(dialed.said.read_text())
    if (told["calls"], told["waiting"] + told["unknown"]) != (calls, 0):
        raise Failed(f"{calls} calls were to end: {told}")
    what = f"engine in virtual time, {calls:,} calls over {told['days']} days with redials, windows, stages"
    headlines = [rate(taken["engine in virtual time"], calls, what, "1,000/s; 5,000/s")]
    note = (
        "The whole process: review, the engine on its virtual clock, its journal in memory, and in the same process,"
        f" without a socket, the simulated carrier. {told['attempts']:,} attempts."
    )
    return Result("days", f"{calls:,} calls in virtual time", note, taken, headlines, count=calls)


def start(bench: Bench) -> Result:
    """How long somebody waits who asks for little."""
    plan = bench.desk.plan(1)
    contenders = {
        "python -c pass": bench.who.command(sys.executable, "-c", "pass").run,
        "--help": bench.who.command(PRODUCT, "--help").run,
        "validate": bench.who.command(PRODUCT, "validate", plan).run,
    }
    taken = in_turn(contenders, bench.sizes.starts)
    headlines = [
        against(taken, "python -c pass", "`--help` over `python -c pass`", "5x; 3x", "--help"),
        against(taken, "python -c pass", "`validate` of one row over `python -c pass`", "9x; 5x", "validate"),
    ]
    return Result("start", "Start", "Byte code compiled, files in the page cache.", taken, headlines, "python -c pass")


ROWS: dict[str, Callable[[Bench], Result]] = {
    row.__name__: row for row in (run, tls, policy, stages, growth, first, checking, report, literal, days, start)
}


def against(
    taken: dict[str, list[Figures]], other: str, what: str, wished: str, ours: str = "orchestrate run"
) -> Headline:
    """A line that compares wall times."""
    seconds = f"{median(taken[ours]):.2f} s against {median(taken[other]):.2f} s"
    return Headline(what, f"{ratio(taken[ours], taken[other]):.2f}x ({seconds})", wished)


def peak(rounds: list[Figures], what: str, wished: str) -> Headline:
    """A line about memory."""
    return Headline(what, f"{median(rounds, 'peak'):.0f} MB", wished)


def rate(rounds: list[Figures], count: int, what: str, wished: str) -> Headline:
    """A line about so many things a second."""
    return Headline(what, f"{count / median(rounds):,.0f}/s", wished)


def peers_python() -> Path:
    """The interpreter of the peers' virtual environment, which is made where it is missing or older than its list."""
    folder, wanted = WORK / "venv", HERE / "requirements.txt"
    done = folder / "installed.txt"
    if not done.exists() or done.read_bytes() != wanted.read_bytes():
        venv.create(folder, clear=True, with_pip=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*map(str, pip), "-r", str(wanted)], check=True)
        shutil.copy(wanted, done)
    return folder / "bin" / "python"


def main() -> int:
    """Measure, tell, keep. Returns the exit code: 1 where a row failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW", help=" ".join(ROWS))
    parser.add_argument("--small", action="store_true", help="tiny sizes")
    parser.add_argument("--calls", type=int, help="calls of the rows that are not about growth")
    parser.add_argument("--rounds", type=int, help="of every row")
    parser.add_argument("--write", action="store_true", help="keep what was measured, beside this file")
    parser.add_argument("--out", type=Path, help="keep it in this folder instead")
    parser.add_argument("--draw", action="store_true", help="measure nothing, draw the tables from bench.json anew")
    options = parser.parse_args()
    if options.draw:
        Store(HERE, HERE.parent / "README.md").draw()
        return 0
    wished = {"calls": options.calls, "rounds": options.rounds, "starts": options.rounds}
    changed = {name: value for name, value in wished.items() if value}
    sizes = replace(SMALL if options.small else Sizes(), **changed)
    if options.write or options.out:
        store = Store(options.out or HERE, None if options.out else HERE.parent / "README.md")
    else:
        store = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what it started ends with it
    python, failed = peers_python(), False
    folder = Path(tempfile.mkdtemp(dir=WORK))
    try:
        desk = Desk(folder)
        bench = Bench(desk, Contenders(desk, python), sizes)
        for name in options.only:
            print(name, flush=True)
            try:
                result = replace(ROWS[name](bench), measured=circumstances())
            except Failed as problem:
                print(f"{name}: {problem}", file=sys.stderr)
                failed = True
                continue
            for line in result.headlines:
                print(f"{line.what}: {line.figure} (wished: {line.wished})", flush=True)
            if store is not None:
                store.keep(result, list(ROWS))
    finally:
        shutil.rmtree(folder)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
