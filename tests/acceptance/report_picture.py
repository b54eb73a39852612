"""Makes the picture of docs/how-to/reports.md: `make picture`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from unit.reports.day import day

from acceptance.browser import CHROMIUM, QUIET
from orchestrator.exotel.masking import Masker
from orchestrator.reports.report_html import html_report

PICTURE = Path(__file__).parents[2] / "docs" / "how-to" / "report.png"
WIDTH, HEIGHT = 1180, 860


def main() -> None:
    """Open the report of two days in the browser, and keep what the first screen shows."""
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "report.html"
        file.write_text("".join(html_report(day(9_000), Masker())), "utf-8")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(file.as_uri())
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
