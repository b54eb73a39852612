"""Takes the account's credentials out of what comes back: an error page may echo the request's headers."""

import base64


class Redaction:
    """Knows the secret forms of a key and token; never shows them.

    The header's base64 form is always cut out; key and token themselves only from 12 characters on, because
    the sandbox's `sandbox` is an ordinary word of its replies.
    """

    def __init__(self, key: str, token: str) -> None:
        header = base64.b64encode(f"{key}:{token}".encode())
        plain = (secret.encode() for secret in (token, key) if len(secret) >= 12)
        self._secrets = (header, *plain)

    def content(self, body: bytes) -> bytes:
        """Return the body with `***` for each secret."""
        for secret in self._secrets:
            body = body.replace(secret, b"***")
        return body

    def text(self, text: str) -> str:
        """Return the text with `***` for each secret."""
        return self.content(text.encode(errors="replace")).decode()
