"""The browser that opens our pages."""

import os
import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

QUIET = [
    *("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-quic", *(["--no-sandbox"] if os.geteuid() == 0 else [])),
]
"""What keeps the browser itself from the network: what is left would be the page's."""
