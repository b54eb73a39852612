"""What the tests of `doctor` share: servers that answer as they are told, and what was found, in short."""

from contract.raw_carrier import Behaviour, Connection

from orchestrator.model.check import Check, Health
from orchestrator.plan.targets import BUILT_IN_TARGETS

SID, KEY, TOKEN = "acme1", "key-of-the-doctor-0123456789abcdef", "token-of-the-doctor-0123456789abcdef"
EXOTEL, SANDBOX = BUILT_IN_TARGETS["exotel"], BUILT_IN_TARGETS["sandbox"]


def found(checks: "list[Check] | tuple[Check, ...]") -> dict[str, Health]:
    return {f"{check.id} {check.where or ''}".strip(): check.health for check in checks}


def reply(body: bytes = b"", status: str = "200 OK", *more: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more))
    return head.encode() + b"\r\n" + body


def carrier(answers: dict[str, bytes], otherwise: bytes = reply(b"", "404 Not Found")) -> Behaviour:
    """Answer by the beginning of the path."""

    async def behave(connection: Connection) -> None:
        while (request := await connection.request()) is not None:
            path = request.split(b" ")[1].decode()
            answer = next((answers[start] for start in answers if path.startswith(start)), otherwise)
            await connection.send(answer)
            if not answer.startswith(b"HTTP/"):
                return

    return behave
