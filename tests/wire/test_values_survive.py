"""Values arrive at the carrier exactly as they were typed in the plan, quoted or not."""

import pytest
from acceptance.desk import AGENT, EXOPHONE, Desk
from durability.carrier import Carrier, Received

NUMBERS = ("08012345678", "02226543210", "0401234567", "+919876543210", "+91 98765 43211", "0091-9876543212")
TEXTS = ("1.50", "007", "~", "no", "2026-11-22", "0x1F", "1_000", "null", "1e3", "12:30", "True", ".5", "0o17", "=")


@pytest.fixture
def arrived(desk: Desk, carrier: Carrier) -> dict[str, Received]:
    """A plan in which every number and every text stands quoted and bare; what arrived, by TimeLimit.

    TimeLimit is the tag of a call here: 1000 + index where the value is bare, 2000 + index where it is quoted.
    """
    lines = ["version: 1", "name: survival", "purpose: transactional", "calls:"]
    for tag, quote in ((1000, ""), (2000, '"')):
        for index, number in enumerate(NUMBERS):
            lines += [f"  - id: number-{tag + index}", f"    From: {quote}{number}{quote}"]
            lines += [f'    To: "+9181234{tag + index:05d}"', f"    TimeLimit: {tag + index}"]
            lines += [f"    CallerId: {quote}{number}{quote}"]
        for index, text in enumerate(TEXTS, start=100):
            lines += [f"  - id: text-{tag + index}", f'    From: "{AGENT}"']
            lines += [f'    To: "+9181234{tag + index:05d}"', f"    TimeLimit: {tag + index}"]
            lines += [f'    CallerId: "{EXOPHONE}"', f"    CustomField: {quote}{text}{quote}"]
    lines += ["policy:", "  pace: 500/second"]
    desk.create_journal()
    done = desk.run(desk.write("survival.yaml", "\n".join(lines) + "\n"), desk.target(carrier))
    assert done.code == 0, done.said
    return {dict(item.fields)["TimeLimit"]: item for item in carrier.connects()}


def test_numbers_and_texts_arrive_byte_for_byte(arrived: dict[str, Received]) -> None:
    assert len(arrived) == 2 * (len(NUMBERS) + len(TEXTS))
    for tag in (1000, 2000):
        for index, number in enumerate(NUMBERS):
            raw = [part.raw for part in arrived[str(tag + index)].parts]
            assert b'Content-Disposition: form-data; name="From"\r\n\r\n' + number.encode() in raw
            assert b'Content-Disposition: form-data; name="CallerId"\r\n\r\n' + number.encode() in raw
        for index, text in enumerate(TEXTS, start=100):
            raw = [part.raw for part in arrived[str(tag + index)].parts]
            assert b'Content-Disposition: form-data; name="CustomField"\r\n\r\n' + text.encode() in raw


def test_rows_bring_their_characters_unchanged(desk: Desk, carrier: Carrier) -> None:
    """A CSV column, a JSON Lines text and an inline row are text: leading zeros, plus and trailing zeros stay."""
    desk.write("rows.csv", "phone,note\n08012345678,1.50\n+919876543210,007\n")
    desk.write("rows.jsonl", '{"phone": "02226543210", "note": "~"}\n{"phone": "0401234567", "note": "no"}\n')
    plan = f"""
version: 1
name: rows
purpose: transactional
defaults: {{From: "{AGENT}", CallerId: "{EXOPHONE}", CustomField: "${{row.note}}", To: "${{row.phone}}"}}
calls:
  - {{id: "csv-${{row.phone}}", rows: rows.csv}}
  - {{id: "json-${{row.phone}}", rows: rows.jsonl}}
  - id: inline-${{row.phone}}
    rows: [{{phone: 08012345670, note: 2026-11-22}}]
policy: {{pace: 500/second}}
"""
    desk.create_journal()
    done = desk.run(desk.write("rows.yaml", plan), desk.target(carrier))
    assert done.code == 0, done.said
    sent = {(dict(item.fields)["To"], item.custom) for item in carrier.connects()}
    assert sent == {
        ("08012345678", "1.50"),
        ("+919876543210", "007"),
        ("02226543210", "~"),
        ("0401234567", "no"),
        ("08012345670", "2026-11-22"),
    }


def test_a_value_set_by_defaults_comes_first_and_the_calls_own_keys_follow(desk: Desk, carrier: Carrier) -> None:
    """Order on the wire is the plan's, a call's value replaces the default's, and an empty one is not sent."""
    plan = f"""
version: 1
name: order
purpose: transactional
vars: {{nothing: ""}}
defaults: {{CallerId: "{EXOPHONE}", Record: false, From: "{AGENT}", CallType: trans}}
calls:
  - {{id: one, To: "+918123400001", Record: true, CustomField: "${{var.nothing}}", TimeOut: 30}}
policy: {{pace: 500/second}}
"""
    desk.create_journal()
    done = desk.run(desk.write("order.yaml", plan), desk.target(carrier))
    assert done.code == 0, done.said
    (received,) = carrier.connects()
    assert dict(received.fields) == {
        "CallerId": EXOPHONE,
        "Record": "true",
        "From": AGENT,
        "CallType": "trans",
        "To": "+918123400001",
        "TimeOut": "30",
    }
    names = [name for name, _ in received.fields]
    assert names[:1] == ["CallerId"]
    assert names[-2:] == ["To", "TimeOut"]
