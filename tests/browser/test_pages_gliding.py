"""What glides while a slider moves is what plotly draws once the slider rests."""

import numpy as np
import pytest
from driving import Driven
from pages import CHAPTERS, all_drawn
from photographs import HOLD, LETTER, OWED, apart, photograph

MOVES = 2  # random settings an explorer


# the seminar has the chapters' explorers
@pytest.fixture(scope="module", params=[name for name in CHAPTERS if name[:2] < "10"])
def page(open_page, request):
    """A chapter whose plotly owes its figures the redraw that follows a glide until it is asked."""
    found = open_page(f"{request.param}.html")
    all_drawn(found)
    found.evaluate(HOLD)
    yield found
    found.context.close()


def test_what_glides_is_what_plotly_draws(page):
    rng, glided, turned = np.random.default_rng(1), 0, 0
    for name in page.locator("[data-explorer]:has([data-control])").evaluate_all(
        "all => all.map(f => f.dataset.explorer)"
    ):
        explorer = Driven(page, name)
        explorer.settle()
        before = photograph(explorer)
        for _ in range(MOVES):
            move(explorer, rng)
            if explorer.plot.evaluate(OWED):
                moved = photograph(explorer)
                explorer.plot.evaluate("gd => gd.owed()")
                redrawn = photograph(explorer)
                assert apart(moved, redrawn) < LETTER, f"{name} at {explorer.at}"
                glided, turned, before = glided + 1, turned + (apart(before, redrawn) > LETTER), redrawn
    assert 0 < turned >= 0.5 * glided, "the comparison sees no more than it should in pictures that are alike"
    assert page.complaints == []


def move(explorer, rng):
    for parameter in explorer.controls:
        explorer.send(parameter, rng.integers(explorer.stops(parameter)))
    explorer.settle()
