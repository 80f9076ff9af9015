"""What holds for every figure of every chapter, over the whole of its sliders."""

import itertools
import math
import random

import numpy as np

from fmspace_nb.explorer.traces import Skeleton


def corners(spec):
    return itertools.product(*({0, len(control.values) - 1} for control in spec.controls.values()))


def axes(figure):
    """Ranges of the figure's axes, by name."""
    return {name: axis["range"] for name, axis in figure.to_plotly_json()["layout"].items() if name[1:5] == "axis"}


def test_figure_keeps_its_traces_and_draws_something_at_every_corner(declared_explorer):
    skeleton = Skeleton(declared_explorer.figure(**declared_explorer.values(declared_explorer.start)))
    for indices in corners(declared_explorer):
        picture = skeleton.picture(declared_explorer.figure(**declared_explorer.values(indices)))  # raises when traces or lengths change
        assert any(np.isfinite(array).any() for array in picture.arrays), declared_explorer.values(indices)
        assert not any(np.isinf(array).any() for array in picture.arrays), declared_explorer.values(indices)


def test_text_alternative_follows_the_values(declared_explorer):
    rng = random.Random(0)
    texts = set()
    for _ in range(4):
        indices = [rng.randrange(len(control.values)) for control in declared_explorer.controls.values()]
        alt = Skeleton(declared_explorer.figure(**declared_explorer.values(indices))).first.alt
        assert len(alt) > 30 and "nan" not in alt.split() and "inf" not in alt.split()
        texts.add(alt)
    assert len(texts) > 1


def test_axes_stand_still_while_a_slider_moves(declared_explorer):
    """Every axis has a fixed range: what moves is the picture, not the frame (the dimension and the activation may set it)."""
    rng = random.Random(1)
    frame = {"dim", "activation", "target"}
    start = declared_explorer.values(declared_explorer.start)
    expected = axes(declared_explorer.figure(**start))
    assert expected
    for _ in range(3):
        moved = {name: rng.choice(control.values) for name, control in declared_explorer.controls.items() if name not in frame}
        assert axes(declared_explorer.figure(**start | moved)) == expected


def test_figures_are_pure(declared_explorer):
    """The same values give the same picture, also when others were drawn in between."""
    start = declared_explorer.values(declared_explorer.start)
    first = Skeleton(declared_explorer.figure(**start))
    other = {name: control.values[-1] for name, control in declared_explorer.controls.items()}
    declared_explorer.figure(**other)
    again = first.picture(declared_explorer.figure(**start))
    assert not again.patch
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first.first.arrays, again.arrays))
    assert math.prod(len(c.values) for c in declared_explorer.controls.values()) > 1
