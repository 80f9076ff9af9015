"""What holds for every figure of every chapter, over the whole of its sliders."""

import random
import re
from functools import cache

import numpy as np
import plotly.graph_objects as go

from fmspace_nb.explorer.traces import Skeleton, take_apart

FRAME = {"dim", "activation", "target"}  # what may set the axes; every other control moves the picture, not its frame
WITHOUT_COVARIANCE = {"bar"}  # it names thresholds, no Γ


@cache
def drawn(spec):
    """{values: figure} at the start, at all-first and all-last stops, and at two mixed ones; drawn once for all
    tests."""
    rng = random.Random(0)
    last = [len(control.values) - 1 for control in spec.controls.values()]
    mixed = [tuple(rng.choice((0, end, rng.randint(0, end))) for end in last) for _ in range(2)]
    states = [spec.start, (0,) * len(last), tuple(last), *mixed]
    return {indices: spec.figure(**spec.values(indices)) for indices in dict.fromkeys(states)}


def axes(figure):
    """Ranges of the figure's axes, by name; those of a 3-D scene too."""
    layout = take_apart(figure)[0]["layout"]
    return {name: axis["range"] for name, axis in (layout | layout.get("scene", {})).items() if name[1:5] == "axis"}


def test_figure_keeps_its_traces_and_draws_something_at_both_ends(declared):
    start, *others = drawn(declared).values()
    skeleton = Skeleton(start)
    for figure in others:
        picture = skeleton.picture(figure)  # raises when traces or lengths change
        assert any(np.isfinite(array).any() for array in picture.arrays)
        assert not any(np.isinf(array).any() for array in picture.arrays)


def test_plotly_knows_every_name_and_takes_every_value(declared):
    """Figures are made without plotly's check of them, so here it is: the start of each explorer, and its far end."""
    for figure in list(drawn(declared).values())[::2]:
        tree, arrays, alt = take_apart(figure)
        checked, found, said = take_apart(go.Figure(figure.to_plotly_json()))
        del checked["layout"]["template"], tree["layout"]["template"]  # the page's own takes its place
        assert checked == tree and said == alt and found.keys() == arrays.keys()
        assert all(np.array_equal(found[path], array, equal_nan=True) for path, array in arrays.items())


def test_text_alternative_follows_the_values(declared):
    texts = [Skeleton(figure).first.alt for figure in drawn(declared).values()]
    assert all(len(alt) > 30 and "nan" not in alt.split() and "inf" not in alt.split() for alt in texts)
    assert len(set(texts)) > 1


def test_no_word_of_a_picture_carries_a_computer_s_exponent(declared):
    for figure in drawn(declared).values():
        said = [take_apart(figure)[2], *words(figure)]
        assert not [text for text in said if re.search(r"\de[+-]\d", text)]


def test_axes_stand_still_while_a_slider_moves(declared):
    """Every axis has a fixed range; only the frame's own controls may set it, so figures are compared where those
    agree."""
    frames = {}
    for indices, figure in drawn(declared).items():
        values = declared.values(indices)
        frames.setdefault(tuple(values[name] for name in FRAME & values.keys()), []).append(axes(figure))
    start = declared.values(declared.start)
    moved = {name: control.values[-1] for name, control in declared.controls.items() if name not in FRAME}
    frames.setdefault(tuple(start[name] for name in FRAME & start.keys()), []).append(
        axes(declared.figure(**start | moved))
    )
    assert all(found and all(other == found[0] for other in found) for found in frames.values())


def test_figures_are_pure(declared):
    """The same values give the same picture, also when others were drawn in between."""
    first = Skeleton(next(iter(drawn(declared).values())))
    again = first.picture(declared.figure(**declared.values(declared.start)))
    assert not again.patch
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first.first.arrays, again.arrays, strict=True))


def words(figure):
    """What is written in a picture: legend, notes, titles of axes."""
    tree = take_apart(figure)[0]
    layout = tree["layout"]
    titles = [axis["title"].get("text") for name, axis in layout.items() if name[1:5] == "axis" and "title" in axis]
    notes = [note.get("text") for note in layout.get("annotations", ())]
    return [text for text in [*(trace.get("name") for trace in tree["data"]), *notes, *titles] if text]


def test_a_picture_says_which_covariance_it_uses(declared):
    """Averaged over the data (A, B) or given it (A_c, B_c): in the caption, the legend, an axis or a note."""
    said = " ".join([declared.caption, *words(next(iter(drawn(declared).values())))])
    assert re.search("averag|given|[AB]<sub>c", said) or declared.name in WITHOUT_COVARIANCE, said


def test_subscripts_of_a_picture_are_subscripts(declared):
    for figure in drawn(declared).values():
        assert not [text for text in words(figure) if re.search(r"[^\W_]_[^\W_]|\^", text)]
