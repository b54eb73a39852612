"""What the benchmarks read: people, plans, a target, lists, a certificate; and one connect request as bytes.

Standard library only: the peers import it too, from a virtual environment of their own.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

ACCOUNT, KEY, TOKEN = "acme1", "key", "token"
AGENT, EXOPHONE = "+917410410123", "1800123456"  # phonenumbers' example numbers for India
CONNECT = f"/v1/Accounts/{ACCOUNT}/Calls/connect.json"
BOUNDARY = "orchestrate-benchmark-boundary"
IN_FLIGHT = 64

FIELDS = {
    "CallerId": EXOPHONE,
    "CallType": "trans",
    "TimeLimit": "600",
    "TimeOut": "30",
    "Record": "true",
    "RecordingChannels": "dual",
    "StatusCallback": "https://hooks.acme.example/exotel",
    "StatusCallbackContentType": "application/json",
}
"""What all calls have alike, beside their events; From, To and CustomField are a call's own."""

EVENTS = {"StatusCallbackEvents[0]": "terminal", "StatusCallbackEvents[1]": "answered"}
ALWAYS = [{"days": "mon-sun", "hours": "00:00-24:00", "timezone": "Asia/Kolkata"}]
HIGH_PACE = "900000/second"

EVERY_KEY: dict[str, object] = {
    "per_agent": 10_000,
    "per_person": {"attempts": 3, "within": "24h"},
    "window": ALWAYS,
    "holidays": "holidays.csv",
    "redial": {"busy": {"attempts": 3, "after": "15m"}, "no-answer": {"attempts": 2, "after": "2h"}},
    "suppress": ["do-not-call.csv"],
    "limits": {
        "calls": 1_000_000,
        "attempts": 2_000_000,
        "minutes": 900_000_000,
        "cost": "900000000 INR",
        "from": "2020-01-01T00:00:00+05:30",
        "until": "2099-01-01T00:00:00+05:30",
    },
    "success": {"completed": "60%"},
}
"""Every key that a run `--until placed` obeys, none of which holds a call back; the target adds `legs` and `rates`."""

BY_ENDINGS: dict[str, object] = {"stages": [1, "5%", "100%"], "halt": [{"failed": "20%", "of": 50}]}
"""The keys that are judged by endings: `--until placed` refuses them, since it does not wait for any."""


TAKES_DAYS = {
    "pace": "1000/second",
    "concurrency": 1000,
    "window": [{"days": "mon-fri", "hours": "09:00-18:00", "timezone": "Asia/Kolkata"}],
    "redial": {"no-answer": {"attempts": 3, "after": "2h"}, "busy": {"attempts": 3, "after": "2h"}},
    "stages": [50, "25%", "100%"],
    "halt": [{"failed": "90%", "of": 200}],
}
"""A policy that spreads a plan over days."""


def people(count: int) -> Iterator[tuple[str, str]]:
    """Order and number of so many people; nobody is ever rung, all stays on loopback."""
    return ((f"{index:07d}", f"+9181{index:08d}") for index in range(count))


def fields(order: str, phone: str) -> dict[str, str]:
    """The fields of one call's connect request."""
    return {"From": AGENT, "To": phone, **FIELDS, **EVENTS, "CustomField": order}


def as_form(field: tuple[str, str]) -> str:
    """A field as a line of curl's configuration."""
    return f'form-string = "{field[0]}={field[1]}"'


def request_body(order: str, phone: str) -> bytes:
    """One call's connect request as multipart/form-data."""
    named = fields(order, phone).items()
    parts = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in named)
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()


class Desk:
    """A folder in which commands run: a repository with its data, a home, and the credentials of nobody's account."""

    def __init__(self, folder: Path) -> None:
        self.root, self.home = folder / "root", folder / "home"
        for path in (self.root / ".git", self.home):
            path.mkdir(parents=True)
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8"}
        self.environment |= {"EXOTEL_ACCOUNT_SID": ACCOUNT, "EXOTEL_API_KEY": KEY, "EXOTEL_API_TOKEN": TOKEN}

    def write(self, name: str, parts: Iterable[str]) -> Path:
        """Write a file of the repository, part by part: no large one is ever held."""
        path = self.root / name
        with path.open("w", encoding="utf-8") as file:
            file.writelines(parts)
        return path

    def people(self, count: int) -> Path:
        """Write the data file: two columns that go on the wire and two that do not."""
        rows = (f'{order},{phone},"Rao, Priya {order}",Bengalūru\n' for order, phone in people(count))
        return self.write(f"people-{count}.csv", chain(["order,phone,name,city\n"], rows))

    def changed_plan(self, count: int) -> Path:
        """Write the plan of so many rows after a change: a default, every 1,000th number, and the order of the rows."""
        rows = [f"{order},{phone}\n" for order, phone in people(count)]
        rows[::1000] = [row.replace("+9181", "+9182") for row in rows[::1000]]
        data = self.write("changed.csv", chain(["order,phone\n"], rows[count // 2 :], rows[: count // 2]))
        plan = json.loads(self.plan(count).read_text("utf-8"))
        plan["calls"][0]["rows"] = data.name
        plan["defaults"]["TimeLimit"] = "900"
        return self.write("changed.yaml", json.dumps(plan, indent=1))

    def plan(self, count: int, name: str = "plan", **policy: object) -> Path:
        """Write a plan of so many rows, 64 of them in flight unless the policy says otherwise."""
        rows = {"id": "order-${row.order}", "rows": self.people(count).name, "To": "${row.phone}"}
        plan = {"version": 1, "name": "benchmark", "purpose": "transactional"}
        plan |= {"defaults": {"From": AGENT, **FIELDS, "StatusCallbackEvents": [*EVENTS.values()]}}
        plan |= {"calls": [rows | {"CustomField": "${row.order}"}]}
        plan |= {"policy": {"pace": HIGH_PACE, "concurrency": IN_FLIGHT} | policy}
        return self.write(f"{name}.yaml", json.dumps(plan, indent=1))

    def days_plan(self, count: int) -> Path:
        """Write a plan of so many rows that takes days: hours, stages, redials; the run itself receives callbacks."""
        row = {"id": "order-${row.order}", "rows": self.people(count).name, "To": "${row.phone}"}
        alike = {"From": AGENT, "CallerId": EXOPHONE, "CallType": "trans", "TimeOut": "30"}
        plan = {"version": 1, "name": "days", "purpose": "transactional", "defaults": alike, "calls": [row]}
        return self.write("days.yaml", json.dumps(plan | {"policy": TAKES_DAYS}, indent=1))

    def literal_plan(self, count: int) -> Path:
        """Write a plan of so many calls that stand in it with all their parameters, in YAML's block style."""
        alike = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in FIELDS.items())
        entries = (
            f'  - id: order-{order}\n    From: "{AGENT}"\n    To: "{phone}"\n{alike}'
            f'    StatusCallbackEvents: [terminal, answered]\n    CustomField: "{order}"\n'
            for order, phone in people(count)
        )
        head = "version: 1\nname: literal\npurpose: transactional\ncalls:\n"
        return self.write("literal.yaml", chain([head], entries))

    def target(self, url: str, name: str = "live", **more: object) -> Path:
        """Write a live target file for the carrier at this address, open at every hour and without caps."""
        target = {"kind": "exotel", "account": ACCOUNT, "base_url": url, "pace": HIGH_PACE, "lookups": "off"}
        return self.write(f"{name}.target.yaml", json.dumps(target | {"guardrails": {"window": ALWAYS}} | more))

    def lists(self, count: int) -> None:
        """Write the files that a policy names: so many numbers that no plan dials, and a holiday."""
        self.write("do-not-call.csv", (f"+9182{index:08d}\n" for index in range(count)))
        self.write("holidays.csv", "2030-01-26\n")

    def curl_config(self, count: int, url: str, certificate: Path | None) -> Path:
        """Write the requests as a file for `curl -K`."""
        alike = [f'url = "{url}{CONNECT}"', f'user = "{KEY}:{TOKEN}"', 'output = "/dev/null"', "silent", "fail"]
        alike += [f'cacert = "{certificate}"'] if certificate else []
        entries = (
            "\n".join([*["next"] * (index > 0), *alike, *map(as_form, fields(*one).items()), ""])
            for index, one in enumerate(people(count))
        )
        return self.write("curl.txt", entries)

    def certificate(self) -> tuple[Path, Path]:
        """Make a certificate for loopback, valid for two days, and its key."""
        certificate, key = self.root / "certificate.pem", self.root / "key.pem"
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        words += ["-days", "2", "-subj", "/CN=benchmark", "-addext", "subjectAltName=IP:127.0.0.1"]
        words += ["-addext", "keyUsage=critical,digitalSignature,keyCertSign"]
        words += ["-keyout", str(key), "-out", str(certificate)]
        subprocess.run(words, check=True, capture_output=True)
        return certificate, key
