"""What all pictures share."""

import pytest

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
