"""The report opened as people open it: in Chromium, on a desk and on a phone, light and dark, without a network."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from unit.reports.day import day
from unit.reports.told import CALLS, DANGEROUS, report

from acceptance.browser import CHROMIUM, QUIET
from orchestrator.exotel.masking import Masker
from orchestrator.reports.report import Report
from orchestrator.reports.report_html import html_report

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver, closing(driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)) as started:
        yield started


class Opened:
    """A report in a window of its own; what the browser complains of, and what it asks for, is written down."""

    def __init__(self, browser: Browser, folder: Path, told: Report, **window: Any) -> None:
        self.file = folder / "report.html"
        self.file.write_text("".join(html_report(told, Masker())), "utf-8")
        self.page: Page = browser.new_context(**window).new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(self.file.as_uri())

    def check(self) -> None:
        """Nothing was complained of, and nothing was asked for but the page."""
        assert self.complaints == []
        assert self.asked == [self.file.as_uri()]

    def judged_by_axe(self) -> None:
        """axe finds no violation of what the page is now: its colours, and what the window has room for."""
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert len(found["passes"]) > 20, "axe has looked"
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []

    def fits(self, width: int) -> bool:
        """Whether nothing sticks out of the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth") == width)

    def unfold(self, *, open_: bool) -> None:
        """Open all that can be opened, or close it."""
        self.page.evaluate("open => document.querySelectorAll('details').forEach(it => { it.open = open })", open_)

    def shown(self) -> list[str]:
        """The ids of the calls that the table shows."""
        return self.page.eval_on_selector_all("#table tbody tr:not(.story) th", "all => all.map(it => it.textContent)")

    def says(self, words: str) -> None:
        """The line above the table says this, at once or soon."""
        expect(self.page.locator("#status")).to_have_text(words)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    found = Opened(browser, tmp_path, day(250), viewport={"width": 1280, "height": 900})
    yield found
    assert (found.complaints, found.asked[1:]) == ([], [])
    found.page.context.close()


@pytest.mark.parametrize("told", [day(30), report((*CALLS, *DANGEROUS)), report(())], ids=["day", "hostile", "empty"])
def test_it_opens_without_a_complaint_a_request_or_a_barrier(browser: Browser, tmp_path: Path, told: Report) -> None:
    """On a phone and on a desk, light and dark: a window that grows is laid out anew, as one that is opened so wide."""
    found = Opened(browser, tmp_path, told, viewport={"width": 375, "height": 800})
    found.check()
    found.page.evaluate(AXE.read_text())
    for width in (375, 1280):
        found.page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            found.page.emulate_media(color_scheme=scheme)
            found.judged_by_axe()
            assert found.fits(width)
            found.unfold(open_=True)
            assert found.fits(width)
            heights = found.page.evaluate(
                "Array.from(document.querySelectorAll('svg text'), it => it.getBoundingClientRect().height)"
                ".filter(it => it)"
            )
            assert min(heights, default=99) > 11, "letters can be read"
            found.unfold(open_=False)
    found.check()
    found.page.context.close()


def test_a_printed_page_and_a_phone_cut_no_cell_and_no_number(opened: Opened) -> None:
    page = opened.page
    page.set_viewport_size({"width": 375, "height": 800})
    numbers = "[aria-labelledby=agents] tbody th bdi"
    lines = page.eval_on_selector_all(numbers, "all => all.map(it => it.getClientRects().length)")
    assert set(lines) == {1}
    page.set_viewport_size({"width": 690, "height": 800})  # A4 without its margins
    page.emulate_media(media="print")
    wide, room = page.eval_on_selector("#table", "it => [it.offsetWidth, it.parentNode.clientWidth]")
    assert wide <= room


def test_it_works_by_the_keyboard_alone(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the calls"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("order-00017")
    opened.says("1 call.")
    page.focus("#table tbody a")
    page.keyboard.press("Enter")
    assert page.is_visible(".story:target")
    assert "Attempt 1 began" in page.inner_text(".story:target")


def test_calls_are_filtered_by_disposition_and_by_any_word_of_their_story(opened: Opened) -> None:
    page = opened.page
    page.select_option("#disposition", "suppressed")
    assert opened.shown() == ["order-00006", "order-00103", "order-00200"]
    page.fill("#find", "BLR-0")
    opened.says("1 call.")
    assert opened.shown() == ["order-00006"]
    page.fill("#find", "nothing like that")
    opened.says("No call is like that.")
    assert opened.shown() == []


def test_calls_are_sorted_by_any_column_as_figures_or_as_words(opened: Opened) -> None:
    page = opened.page
    talk = "#table tbody tr:not(.story) td:nth-child(7)"
    for ascending in (True, False):
        page.get_by_role("button", name="Talk, s").click()
        found = [int(text) for text in page.eval_on_selector_all(talk, "all => all.map(it => it.textContent)") if text]
        assert found == sorted(found, reverse=not ascending)
        assert page.get_attribute("th[aria-sort]", "aria-sort") == ("ascending" if ascending else "descending")
        assert len(found) == 100, "those that have none come last"
    page.get_by_role("button", name="Call").click()
    assert opened.shown() == [f"order-{n + 1:05}" for n in range(100)]


def test_pages_are_turned_and_a_link_to_a_story_finds_its_page(opened: Opened) -> None:
    page = opened.page
    opened.says("Calls 1 to 100 of 250.")
    page.click("text=Next 100")
    page.click("text=Next 100")
    opened.says("Calls 201 to 250 of 250.")
    assert page.is_disabled("#next")
    page.evaluate("location.hash = '#call-150'")
    opened.says("Calls 101 to 200 of 250.")
    assert page.is_visible("#call-150")


def test_it_is_read_and_printed_where_scripts_do_not_run(browser: Browser, tmp_path: Path) -> None:
    found = Opened(browser, tmp_path, day(250), java_script_enabled=False)
    found.says("The first 100 calls; the others are shown where scripts may run.")
    assert not found.page.is_visible("#find")
    found.page.click("text=order-00003")
    assert found.page.is_visible("#call-3")
    assert len(found.page.pdf()) > 10_000
    found.page.context.close()


def test_ten_thousand_calls_are_at_hand_at_once(browser: Browser, tmp_path: Path) -> None:
    found = Opened(browser, tmp_path, day(10_000))
    found.says("Calls 1 to 100 of 10,000.")
    found.page.fill("#find", "order-09876")
    found.says("1 call.")
    assert found.shown() == ["order-09876"]
    found.page.context.close()
