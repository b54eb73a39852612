"""Charts: what stands for a figure is as long as the figure is large, and every mark lies on the picture."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.reports.charts.drawing import Drawing, Mark
from orchestrator.reports.charts.kinds import Bar, Column, Course, Stretch, bars, columns, timeline
from orchestrator.reports.charts.scale import span, ticks, time_ticks, whole_ticks

INDIA = ZoneInfo("Asia/Kolkata")
NINE = datetime(2026, 11, 23, 3, 30, tzinfo=UTC).timestamp()


def of_look(drawing: Drawing, look: str) -> list[Mark]:
    return [mark for mark in drawing.marks if mark.attributes["class"] == look]


def size(mark: Mark, name: str) -> float:
    return float(mark.attributes[name])


def check_inside(drawing: Drawing) -> None:
    for mark in drawing.marks:
        if mark.tag == "rect":
            assert -0.1 <= size(mark, "x") <= size(mark, "x") + size(mark, "width") <= drawing.width + 0.2
            assert 0 <= size(mark, "y") <= size(mark, "y") + size(mark, "height") <= drawing.height + 0.2


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, (0.0, 1.0)),
        (1, (0.0, 0.25, 0.5, 0.75, 1.0)),
        (10, (0.0, 2.5, 5.0, 7.5, 10.0)),
        (17, (0.0, 5.0, 10.0, 15.0, 20.0)),
    ],
)
def test_ticks_are_round(most: float, expected: tuple[float, ...]) -> None:
    assert ticks(most) == expected


@given(st.floats(1e-6, 1e12))
def test_ticks_cover_what_there_is_in_few_steps(most: float) -> None:
    found = ticks(most)
    assert found[0] == 0
    assert most * (1 - 1e-6) <= found[-1] <= most * 2.6
    assert len(found) <= 5


@given(st.integers(0, 10**9))
def test_what_is_counted_has_whole_ticks(most: int) -> None:
    assert all(tick == int(tick) for tick in whole_ticks(most))
    assert whole_ticks(most)[-1] >= most
    assert len(whole_ticks(most)) <= 6


@given(st.floats(0, 4e8), st.integers(1, 200), st.sampled_from([1, 6, 7, 60, 128, 3600, 86400]))
def test_a_span_covers_the_whole_and_is_a_multiple(seconds: float, count: int, of: int) -> None:
    found = span(seconds, count, of)
    assert found % of == 0
    assert found * count >= seconds - 1


def test_ticks_of_time_are_round_on_the_zones_clock() -> None:
    found = time_ticks(NINE, NINE + 8 * 3600, INDIA, 10)
    assert [datetime.fromtimestamp(each, INDIA).strftime("%H:%M") for each in found] == [
        f"{hour:02}:00" for hour in range(9, 18)
    ]


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1e9), max_size=12), st.sampled_from([330, 520, 1080]))
def test_bars_lie_on_the_picture_and_are_as_long_as_their_figures(values: list[float], width: int) -> None:
    drawing = bars([Bar(f"label {n}", value, f"{value:,.0f}") for n, value in enumerate(values)], width)
    check_inside(drawing)
    found = [size(mark, "width") for mark in of_look(drawing, "bar")]
    full = size(of_look(drawing, "track")[0], "width") if values else 0
    for value, length in zip(values, found, strict=True):
        wanted = full * value / max(values) if max(values) else 0
        assert length == pytest.approx(max(wanted, 1.0 if value else 0.0), abs=0.06)


def test_a_range_goes_on_behind_its_bar() -> None:
    drawing = bars([Bar("first", 10, "10 of 40", until=40)], 500)
    (whole,), (part,) = of_look(drawing, "bar range"), of_look(drawing, "bar")
    assert size(part, "width") == pytest.approx(size(whole, "width") / 4, abs=0.1)


def test_a_label_that_does_not_fit_is_cut_visibly() -> None:
    (long,) = of_look(bars([Bar("x" * 200, 1, "1")], 330), "label")
    assert long.text.endswith("\u2026")
    assert len(long.text) < 30


@settings(max_examples=50)
@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=30), st.sampled_from([330, 520]))
def test_columns_lie_on_the_picture_and_are_as_high_as_their_figures(values: list[float | None], width: int) -> None:
    drawing = columns([Column(f"{n}", value) for n, value in enumerate(values)], width, ticks(100), str)
    check_inside(drawing)
    found = [size(mark, "height") for mark in of_look(drawing, "bar")]
    told = [value for value in values if value is not None]
    assert found == pytest.approx([max(148 * value / 100, 1.0 if value else 0.0) for value in told], abs=0.06)


def test_figures_stand_above_all_columns_or_above_none() -> None:
    few, many = ([Column(f"{n}", n, "100,000") for n in range(count)] for count in (3, 20))
    assert len(of_look(columns(few, 520, (0, 20), str), "figure")) == 3
    assert not of_look(columns(many, 520, (0, 20), str), "figure")


def test_a_timeline_shows_the_cap_the_closed_window_and_the_holds() -> None:
    closed, held = Stretch(NINE + 300, NINE + 600), Stretch(NINE + 120, None, "1")
    drawing = timeline(Course(NINE, 60, [5, 10, 0, 0, 0, 0, 0, 0, 0, 20], 20, [closed], [held]), 1080, INDIA, "cap 20")
    check_inside(drawing)
    bars_, (shade,), (cap,) = of_look(drawing, "bar"), of_look(drawing, "closed"), of_look(drawing, "cap")
    assert [size(each, "height") for each in bars_] == pytest.approx([40, 80, 160], abs=0.1)
    assert size(cap, "y1") == size(bars_[2], "y"), "the cap is as high as a column that reaches it"
    step = size(bars_[1], "x") - size(bars_[0], "x")
    assert size(shade, "x") == pytest.approx(size(bars_[0], "x") + 5 * step, abs=0.2)
    assert size(shade, "width") == pytest.approx(5 * step, abs=0.2)
    (hold,) = of_look(drawing, "held")
    assert size(hold, "x") + size(hold, "width") == pytest.approx(1080, abs=0.2), "it still holds"
    texts = [mark.text for mark in drawing.marks if mark.text]
    assert {"09:00", "23 Nov", "cap 20", "1"} <= {*texts}
