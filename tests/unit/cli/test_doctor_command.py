"""`doctor` as a command: its exit codes, its JSON and its schema, masked numbers; and it never dials."""

import http.server
import json
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from acceptance import cli
from acceptance.desk import Desk, call, calls
from durability.carrier import Carrier
from unit.exotel.wav_files import wav

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas/doctor.schema.json").read_text("utf-8"))


def checked(done: cli.Done) -> dict[str, Any]:
    """The document that was printed, which fits its schema, by the ids of its checks."""
    document: dict[str, Any] = json.loads(done.out)
    jsonschema.validate(document, SCHEMA)
    assert document["exit_code"] == done.code
    assert sum(document["totals"].values()) == len(document["checks"])
    return document | {"by_id": {check["id"]: check for check in document["checks"]}}


def test_the_sandbox_is_fit_without_anything(desk: Desk) -> None:
    plan = desk.plan(calls("a", "b"))
    done = desk.orchestrate("doctor", str(plan), "--format", "json", EXOTEL_API_KEY="")
    assert done.code == 0, done.said
    assert checked(done)["by_id"]["plan"]["what"] == "it has 2 calls and no error"
    text = desk.orchestrate("doctor", str(plan))
    assert text.code == 0
    assert text.out.endswith("nothing keeps a run from beginning\n")


def test_a_live_target_is_asked_and_nobody_is_dialed(desk: Desk, live: Path, carrier: Carrier) -> None:
    plan = desk.plan(calls("a"))
    done = desk.orchestrate(
        "doctor", str(plan), "--target", str(live), "--journal", str(desk.journal), "--format", "json"
    )
    found = checked(done)
    assert done.code == 0, done.said
    assert found["by_id"]["account"]["health"] == "ok"
    assert found["by_id"]["journal"]["health"] == "ok"
    assert carrier.connects() == []
    assert carrier.received()


class Lines(http.server.BaseHTTPRequestHandler):
    """A carrier that lists one ExoPhone, and takes nothing but questions."""

    def do_GET(self) -> None:
        body = b'{"incoming_phone_numbers": [{"phone_number": "+911800123456"}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_caller_ids_of_each_call_are_judged(desk: Desk) -> None:
    desk.create_journal()
    desk.write("data.csv", "id,line\n1,1800123456\n2,+918123456789\n")
    plan = desk.plan(
        [*calls("a"), {"id": "${row.id}", "rows": "data.csv", **number(1), "CallerId": "${row.line}"}], numbers="e164"
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lines) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        target = desk.target(f"http://127.0.0.1:{server.server_port}")
        done = desk.orchestrate(
            *("doctor", str(plan), "--target", str(target), "--journal", str(desk.journal)),
            *("--format", "json", "--unmask"),
        )
        server.shutdown()
    judged = {check["where"]: check["health"] for check in checked(done)["checks"] if check["id"] == "caller-id"}
    assert judged == {"1800123456": "ok", "+918123456789": "problem"}
    assert done.code == 4


def number(index: int) -> dict[str, str]:
    """The two numbers of a call."""
    return {name: value for name, value in call("x", index).items() if name in ("From", "To")}


def test_numbers_are_masked(desk: Desk, live: Path, carrier: Carrier) -> None:
    carrier.rules(status=401)
    plan = desk.plan([{**calls("a")[0], "CallerId": "+918123456789"}])
    for format_ in ("text", "json"):
        done = desk.orchestrate("doctor", str(plan), "--target", str(live), "--format", format_)
        assert "8123456789" not in done.said


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"EXOTEL_API_TOKEN": ""}, "EXOTEL_API_TOKEN is missing"),
        ({"EXOTEL_ACCOUNT_SID": "another"}, "is for account acme1"),
    ],
)
def test_what_keeps_a_run_from_going_on_exits_4(desk: Desk, live: Path, variables: dict[str, str], says: str) -> None:
    done = desk.orchestrate("doctor", "--target", str(live), "--journal", str(desk.journal), "-q", **variables)
    assert done.code == 4
    assert says in done.out
    assert "  ok " not in done.out


def test_a_plan_that_run_would_refuse_exits_3_whatever_else_is_wrong(desk: Desk, live: Path) -> None:
    plan = desk.plan([{"id": "a", "From": "1"}])
    done = desk.orchestrate("doctor", str(plan), "--target", str(live))
    assert done.code == 3
    assert "problem" in done.out
    assert "`run` would refuse the plan" in done.out


def test_a_target_that_is_none_is_refused(desk: Desk) -> None:
    assert desk.orchestrate("doctor", "--target", "nowhere").code == 3


class Files(http.server.BaseHTTPRequestHandler):
    """Serves one wav file under every path."""

    content = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def heard(desk: Desk, url: str, *more: str) -> dict[str, Any]:
    """What is said of the one audio file of a plan."""
    plan = desk.plan([{**calls("a")[0], "WaitUrl": url, "TimeOut": 30}])
    done = desk.orchestrate("doctor", str(plan), "--audio", "--format", "json", *more)
    (audio,) = (check for check in checked(done)["checks"] if check["area"] == "audio")
    assert audio["where"] == url
    assert done.code == (4 if audio["health"] == "problem" else done.code)
    return audio


def test_beside_a_simulated_carrier_audio_of_this_machine_is_judged(desk: Desk) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/hold-music.wav"
        told = []
        for content in (wav(), wav(), wav(frames=900), b"<html>"):
            Files.content = content
            told.append(heard(desk, url))
        server.shutdown()
    assert [(each["id"], each["health"]) for each in told] == [
        ("audio", "ok"),
        ("audio", "ok"),
        ("audio-changed", "warning"),
        ("audio", "problem"),
    ]


@pytest.mark.parametrize("host", ["10.0.0.8", "169.254.169.254", "[fd00::1]"])
def test_audio_inside_a_network_is_never_asked_for(desk: Desk, host: str) -> None:
    audio = heard(desk, f"http://{host}/hold-music.wav")
    assert audio["health"] == "problem"
    assert "was not asked for" in audio["what"]


def test_beside_a_live_carrier_audio_of_this_machine_is_not_asked_for(desk: Desk, carrier: Carrier) -> None:
    """Its credentials are missing here, so that it is not asked either."""
    target = desk.target("https://carrier.acme.example")
    audio = heard(desk, f"{carrier.url}/hold-music.wav", "--target", str(target), "--secrets-dir", "nowhere")
    assert "was not asked for" in audio["what"]
    assert carrier.received() == []


def test_audio_is_that_of_a_plan(desk: Desk) -> None:
    assert desk.orchestrate("doctor", "--audio").code == 2
    plan = desk.plan(calls("a"))
    done = desk.orchestrate("doctor", str(plan), "--audio", "--format", "json")
    assert checked(done)["by_id"]["audio"]["what"] == "the plan names no audio"
