"""Another network: a button that draws again, and one that shows several draws at once."""

import plotly.graph_objects as go
import pytest
from bare import bare_page
from driving import Driven, assert_draws

from fmspace_nb.explorer import Draws, Linear


def luck(size, seed=0):
    """Points of one draw, or of all."""
    seeds = range(5) if seed == "all" else [seed]
    x = [k + 10 * s for s in seeds for k in range(3)]
    y = [size * (1 + s) for s in seeds for k in range(3)]
    gaps = [None] * (15 - len(x))
    return go.Figure([{"type": "scatter", "mode": "markers", "x": x + gaps, "y": y + gaps}],
                     {"template": "none", "height": 200, "xaxis": {"range": [0, 50]}, "yaxis": {"range": [0, 20]}})


def alone(seed=0):
    """A page that keeps one draw."""
    return luck(1, seed)


SIZE = {"size": Linear(1, 3, start=1, steps=3, frozen=3)}


@pytest.fixture(scope="module")
def opened(tabs):
    """One page for all tests of this file."""
    found = bare_page(tabs, {"luck": (luck, SIZE | {"seed": Draws()}), "alone": (alone, {"seed": Draws(frozen=1)})})
    yield found
    found.leave()


@pytest.fixture
def page(opened):
    """The page with its explorers at their start."""
    Driven(opened, "luck").ask("f => f.explorer.set({size: 1, seed: 0})")
    Driven(opened, "luck").settle()
    yield opened
    assert opened.complaints == []


@pytest.fixture
def figure(page):
    return page.locator("[data-explorer=luck]")


def seed(figure):
    return figure.evaluate("f => f.explorer.values().seed")


def test_draw_again_goes_round_the_draws_that_the_page_keeps(page, figure):
    again = figure.locator("[data-draw-again]")
    seen = []
    for _ in range(6):
        again.press("Enter")
        Driven(page, "luck").settle()
        seen.append(seed(figure))
    assert seen == [1, 2, 3, 4, 0, 1]
    assert_draws(Driven(page, "luck"), luck(1, seed=1))
    assert figure.locator("[data-value=seed]").input_value() == "1"


def test_all_draws_show_at_once_and_the_draw_before_comes_back(page, figure):
    everything, again = figure.locator("[data-draw-all]"), figure.locator("[data-draw-again]")
    again.click()
    everything.click()
    Driven(page, "luck").settle()
    assert seed(figure) == "all" and everything.get_attribute("aria-pressed") == "true"
    assert_draws(Driven(page, "luck"), luck(1, seed="all"))
    everything.click()
    assert seed(figure) == 1 and everything.get_attribute("aria-pressed") == "false"
    everything.click()
    again.click()
    assert seed(figure) == 2


@pytest.mark.parametrize("wrong", ["5", "77", "-1", "1.5", "luck"])
def test_a_draw_that_the_page_does_not_keep_is_named_and_the_rest_works(page, figure, wrong):
    sentence = f"The draw is a whole number from 0 to 4 here, or “all”, not “{wrong}”."
    field, alert = figure.locator("[data-value=seed]"), figure.get_by_role("alert")
    figure.evaluate("(f, seed) => f.explorer.set({seed, size: 3})", wrong)       # as an address does
    alert.get_by_text(sentence).wait_for()
    Driven(page, "luck").settle()
    assert alert.inner_text() == sentence and figure.evaluate("f => f.explorer.values()") == {"size": 3, "seed": 0}
    field.fill("3")
    field.press("Enter")
    Driven(page, "luck").settle()
    assert seed(figure) == 3 and alert.inner_text() == ""
    field.fill(wrong)
    field.press("Enter")
    assert alert.inner_text() == sentence and seed(figure) == 3


def test_a_page_with_one_draw_shows_no_button(page):
    assert page.locator("[data-explorer=alone] [data-draw-again]").is_hidden()
