"""An explorer is checked when it is made, not when somebody moves a slider."""

import math

import plotly.graph_objects as go
import pytest

from fmspace_nb.explorer import Choice, Linear, Log, explore
from fmspace_nb.explorer.spec import FROZEN_BUDGET, ExplorerSpec


def bars(step_size, width_ratio=2.0, *, activation="relu"):
    """Bars to look at.

    More words.
    """
    return go.Figure([{"type": "bar", "x": ["a", "b"], "y": [step_size, width_ratio]}], {"title": {"text": activation}})


CONTROLS = {
    "step_size": Log(1, 1e4, start=100),
    "width_ratio": Log(0.25, 8, start=2),
    "activation": Choice("relu", "erf"),
}


@pytest.mark.parametrize(
    "make, error, message",
    [
        (
            lambda: explore(bars, stepsize=Log(1, 2, start=1)),
            TypeError,
            "bars has no parameter 'stepsize'; it takes step_size, width_ratio, activation",
        ),
        (lambda: explore(bars, width_ratio=Log(1, 2, start=1)), TypeError, "bars needs a control for step_size, too"),
        (lambda: explore(bars, step_size=100), TypeError, "step_size must be a Control, got 100 of type int"),
        (lambda: explore(bars), TypeError, "bars needs a control for step_size, too"),
        (
            lambda: explore("bars", step_size=Log(1, 2, start=1)),
            TypeError,
            "figure must be a function that returns a plotly Figure",
        ),
        (lambda: explore(bars, caption=3, step_size=Log(1, 2, start=1)), TypeError, "caption must be a str"),
        (
            lambda: explore(lambda spike: None, spike=Log(1, 2, start=1)),
            TypeError,
            "must return a plotly Figure, got NoneType",
        ),
        (
            lambda: explore(lambda layout: bars(layout), layout=Log(1, 2, start=1)),
            ValueError,
            "a control cannot be called 'layout'",
        ),
    ],
)
def test_mistakes_are_told_at_once(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_caption_and_name_come_from_the_function_unless_given():
    spec = ExplorerSpec(bars, CONTROLS)
    assert (spec.caption, spec.name, spec.function) == ("Bars to look at.", "bars", f"{__name__}:bars")
    assert ExplorerSpec(bars, CONTROLS, "Look.", "other").json()["caption"] == "Look."


def test_a_function_that_takes_anything_may_be_explored():
    def anything(**values):
        return bars(values["step_size"])
    assert ExplorerSpec(anything, {"step_size": Log(1, 2, start=1)}).values((0,)) == {"step_size": 1}


def test_the_frozen_explorer_shares_its_budget_of_pictures():
    sizes = lambda **more: [len(c.values) for c in ExplorerSpec(bars, CONTROLS | more).thinned().controls.values()]  # noqa: E731
    assert sizes() == [17, 7, 2] and math.prod(sizes()) <= FROZEN_BUDGET
    assert sizes(width_ratio=Linear(0, 1, start=0, frozen=5)) == [25, 5, 2]
    assert sizes(width_ratio=Linear(0, 1, start=0, steps=4), activation=Choice(*"abcdef")) == [10, 4, 6]


def test_pictures_at_the_start_and_elsewhere_are_the_functions_figures():
    spec = ExplorerSpec(bars, CONTROLS)
    assert spec.picture(spec.start).patch == {} and spec.picture(spec.start).arrays[0].tolist() == [100, 2]
    moved = spec.picture((0, 0, 1))
    assert moved.patch == {"layout.title.text": "erf"} and moved.arrays[0].tolist() == [1, 0.25]
