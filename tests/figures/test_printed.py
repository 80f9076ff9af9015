"""A picture for paper is the picture of the course, but for what belongs to sliders."""

from fmspace_nb.figures import mixing
from fmspace_nb.figures.style import printed


def test_printed_figure_has_a_caption_and_no_reader():
    figure = printed(mixing.angle(), "The angle; d = 100.", height=200, showlegend=False)
    assert figure.layout.meta["caption"] == "The angle; d\u00a0=\u00a0100."
    assert figure.layout.meta["alt"] == mixing.angle().layout.meta["alt"]
    assert (figure.layout.height, figure.layout.showlegend) == (200, False)
    assert [trace.name for trace in figure.data if trace.visible is False] == ["you are here"]
