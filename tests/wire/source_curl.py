"""The source's curl example, written down by hand: the flags that people type, the bytes that curl sends.

Derived from nothing in the product. FORM is the source's text with its placeholders filled in by the example
numbers of configs/plans/source-example.yaml; PARTS is what RFC 7578 and curl 7.88 make of it, and
test_source_example.py lets the curl of this machine confirm it.
"""

FORM = (
    'From="+917410410123"',
    'To="+918123456789"',
    'CallerId="1800123456"',
    'StatusCallback="https://yourstatuscallbackurl.com"',
    'StatusCallbackContentType="application/json"',
    'StatusCallbackEvents[0]="terminal"',
    'Record="true"',
    'StatusCallbackEvents[1]="answered"',
)
"""Arguments of `--form`, in the source's order, with the quotes that the source writes inside them."""

PARTS = (
    b'Content-Disposition: form-data; name="From"\r\n\r\n+917410410123',
    b'Content-Disposition: form-data; name="To"\r\n\r\n+918123456789',
    b'Content-Disposition: form-data; name="CallerId"\r\n\r\n1800123456',
    b'Content-Disposition: form-data; name="StatusCallback"\r\n\r\nhttps://yourstatuscallbackurl.com',
    b'Content-Disposition: form-data; name="StatusCallbackContentType"\r\n\r\napplication/json',
    b'Content-Disposition: form-data; name="StatusCallbackEvents[0]"\r\n\r\nterminal',
    b'Content-Disposition: form-data; name="Record"\r\n\r\ntrue',
    b'Content-Disposition: form-data; name="StatusCallbackEvents[1]"\r\n\r\nanswered',
)
"""Each part between two boundary lines, in the source's order."""

WHOLE = (
    b"--------------------------d74496d66958873e\r\n"
    b'Content-Disposition: form-data; name="From"\r\n'
    b"\r\n"
    b"+917410410123\r\n"
    b"--------------------------d74496d66958873e\r\n"
    b'Content-Disposition: form-data; name="StatusCallbackEvents[0]"\r\n'
    b"\r\n"
    b"terminal\r\n"
    b"--------------------------d74496d66958873e--\r\n"
)
"""A whole body of two fields, boundary lines included, as curl frames it with this boundary."""
BOUNDARY = "------------------------d74496d66958873e"

URLENCODED = (
    b"From=%2B917410410123&To=%2B918123456789&CallerId=1800123456"
    b"&StatusCallback=https%3A%2F%2Fyourstatuscallbackurl.com"
    b"&StatusCallbackContentType=application%2Fjson"
    b"&StatusCallbackEvents%5B0%5D=terminal&Record=true&StatusCallbackEvents%5B1%5D=answered"
)
"""The same eight fields as application/x-www-form-urlencoded: a bare + would be read as a space."""

FIELDS = (
    ("From", "+917410410123"),
    ("To", "+918123456789"),
    ("CallerId", "1800123456"),
    ("StatusCallback", "https://yourstatuscallbackurl.com"),
    ("StatusCallbackContentType", "application/json"),
    ("StatusCallbackEvents[0]", "terminal"),
    ("Record", "true"),
    ("StatusCallbackEvents[1]", "answered"),
)
"""What any server reads out of either body."""
