"""What all pictures share."""

import copy
import pickle

import plotly.graph_objects as go
import pytest

from fmspace_nb.explorer.traces import take_apart
from fmspace_nb.figures import style


@pytest.mark.parametrize(("printed", "read"), [
    ("η = 2.75e+03", "η = 2750"), ("at 1e+06", "at 10⁶"), ("3e-05 apart", "3·10⁻⁵ apart"), ("1.5e-12", "1.5·10⁻¹²"),
    ("the 2e-fold", "the 2e-fold"), ("A = 1.25", "A = 1.25"),
])
def test_numbers_in_words_are_written_as_a_reader_writes_them(printed, read):
    assert style.worded(printed) == read
    figure = style.picture([], alt=printed, notes=[style.note(printed, 0, 0)])
    assert figure.layout.meta["alt"] == figure.layout.annotations[0].text == read


def test_captions_are_words_without_tags(declared):
    assert declared.caption and "<" not in declared.caption


def test_a_figure_is_plotly_s_once_it_is_asked_for_more_than_its_json():
    def drawn():
        return style.picture([style.line([1, 2], [3, 4], "a", style.AFTER)], alt="a line")

    figure, changed = drawn(), drawn()
    assert isinstance(figure, go.Figure) and figure.stated
    changed.update_layout(height=77)
    assert changed.stated is None and take_apart(changed)[0]["layout"]["height"] == 77
    for copied in (copy.deepcopy(figure), pickle.loads(pickle.dumps(drawn()))):
        assert [*take_apart(copied)[1]["data.0.y"]] == [3, 4] and copied.layout.height == style.HEIGHT
    assert figure.data[0].name == "a" and figure.layout.meta == {"alt": "a line"}
    assert not hasattr(figure, "nothing")


def test_what_a_reader_changes_in_a_figure_is_plotly_s_to_take_or_to_refuse():
    figure = style.picture([style.line([1, 2], [3, 4], "a", style.AFTER)], alt="a line")
    figure.update_layout(title="mine")
    assert figure.to_plotly_json()["layout"]["title"] == {"text": "mine"}
    with pytest.raises(ValueError, match="opacit"):
        figure.update_traces(opacit=1)
