"""A certificate for 127.0.0.1, 0x7f.1 (the same machine) and api.carrier.invalid, made on the spot.

No key is kept in the repository. P-256 by the book (SEC 1, RFC 5280 encoded by hand): slow, not constant-time, good for
a test and nothing else.
"""

import base64
import hashlib
import secrets
import ssl
from pathlib import Path

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None


def add(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    rise, run = (3 * a[0] * a[0] - 3, 2 * a[1]) if a == b else (b[1] - a[1], b[0] - a[0])
    slope = rise * pow(run, -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(scalar: int, point: Point) -> Point:
    result: Point = None
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (length if len(body) < 128 else bytes([0x80 | len(length)]) + length) + body


def integer(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    body = bytes([first * 40 + second])
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.insert(0, 0x80 | (number & 0x7F))
        body += bytes(groups)
    return der(6, body)


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def sign(key: int, message: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    nonce = secrets.randbelow(N - 1) + 1
    point = times(nonce, G)
    assert point is not None
    r = point[0] % N
    return sequence(integer(r), integer(pow(nonce, -1, N) * (digest + r * key) % N))


def pem(kind: str, content: bytes) -> str:
    text = base64.encodebytes(content).decode()
    return f"-----BEGIN {kind}-----\n{text}-----END {kind}-----\n"


def self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return the certificate's file, to be trusted, and a server's context that shows it."""
    key = secrets.randbelow(N - 1) + 1
    point = times(key, G)
    assert point is not None
    public = b"\x00\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
    curve, ecdsa = oid("1.2.840.10045.3.1.7"), sequence(oid("1.2.840.10045.4.3.2"))
    name = sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0C, b"test carrier"))))
    names = sequence(der(0x87, bytes([127, 0, 0, 1])), der(0x82, b"api.carrier.invalid"), der(0x82, b"0x7f.1"))
    authority = sequence(der(1, b"\xff"))
    extensions = sequence(
        sequence(oid("2.5.29.17"), der(4, names)), sequence(oid("2.5.29.19"), der(1, b"\xff"), der(4, authority))
    )
    body = sequence(
        der(0xA0, integer(2)),
        integer(secrets.randbits(64)),
        ecdsa,
        name,
        sequence(der(0x17, b"200101000000Z"), der(0x17, b"491231235959Z")),
        name,
        sequence(sequence(oid("1.2.840.10045.2.1"), curve), der(3, public)),
        der(0xA3, extensions),
    )
    certificate = sequence(body, ecdsa, der(3, b"\x00" + sign(key, body)))
    private = sequence(integer(1), der(4, key.to_bytes(32, "big")), der(0xA0, curve))
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_text(pem("CERTIFICATE", certificate))
    key_file.write_text(pem("EC PRIVATE KEY", private))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return certificate_file, context
