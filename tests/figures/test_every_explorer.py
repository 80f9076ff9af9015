"""What holds for every figure of every chapter, over the whole of its sliders."""

import itertools
import math
import random

import numpy as np

from fmspace_nb.explorer.traces import Skeleton


def corners(spec):
    """All at their first or all at their last stop, and six mixed corners (or all, where there are no more)."""
    every = list(itertools.product(*({0, len(control.values) - 1} for control in spec.controls.values())))
    return {every[0], every[-1], *random.Random(2).sample(every, min(6, len(every)))}


def axes(figure):
    """Ranges of the figure's axes, by name; those of a 3-D scene too."""
    layout = figure.to_plotly_json()["layout"]
    return {name: axis["range"] for name, axis in (layout | layout.get("scene", {})).items() if name[1:5] == "axis"}


def test_figure_keeps_its_traces_and_draws_something_at_every_corner(declared):
    skeleton = Skeleton(declared.figure(**declared.values(declared.start)))
    for indices in corners(declared):
        picture = skeleton.picture(declared.figure(**declared.values(indices)))  # raises when traces or lengths change
        assert any(np.isfinite(array).any() for array in picture.arrays), declared.values(indices)
        assert not any(np.isinf(array).any() for array in picture.arrays), declared.values(indices)


def test_text_alternative_follows_the_values(declared):
    rng = random.Random(0)
    texts = set()
    for _ in range(4):
        indices = [rng.randrange(len(control.values)) for control in declared.controls.values()]
        alt = Skeleton(declared.figure(**declared.values(indices))).first.alt
        assert len(alt) > 30 and "nan" not in alt.split() and "inf" not in alt.split()
        texts.add(alt)
    assert len(texts) > 1


def test_axes_stand_still_while_a_slider_moves(declared):
    """Every axis has a fixed range: what moves is the picture, not the frame (the dimension and the activation may set it)."""
    rng = random.Random(1)
    frame = {"dim", "activation", "target"}
    start = declared.values(declared.start)
    expected = axes(declared.figure(**start))
    assert expected
    for _ in range(3):
        moved = {name: rng.choice(control.values) for name, control in declared.controls.items() if name not in frame}
        assert axes(declared.figure(**start | moved)) == expected


def test_figures_are_pure(declared):
    """The same values give the same picture, also when others were drawn in between."""
    start = declared.values(declared.start)
    first = Skeleton(declared.figure(**start))
    other = {name: control.values[-1] for name, control in declared.controls.items()}
    declared.figure(**other)
    again = first.picture(declared.figure(**start))
    assert not again.patch
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first.first.arrays, again.arrays))
    assert math.prod(len(c.values) for c in declared.controls.values()) > 1
