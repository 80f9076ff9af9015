"""The opening page shows an explorer of a chapter in place of a picture that leads to it."""

import html
import re

import plotly.graph_objects as go
import pytest

from fmspace_nb.explorer import Choice, Linear
from fmspace_nb.explorer.frozen import freeze
from fmspace_nb.explorer.spec import ExplorerSpec
from fmspace_nb.publish.opening import living, with_explorers

README = "Before.\n\n[![A film](film.gif)](notebooks/03_spike.md#figure=line)\n\nAfter, [a link](03_spike.ipynb).\n"


def figure(*, height, colour):
    line = {"x": [0, 1], "y": [0, height], "line": {"color": colour}}
    return go.Figure([line], {"meta": {"alt": f"{colour} <{height:g}>"}})


@pytest.fixture
def out(tmp_path):
    controls = {"height": Linear(1, 3, start=2, steps=3), "colour": Choice("red", "blue", start="blue")}
    explorers = [ExplorerSpec(figure, controls, "Look.", "line"), ExplorerSpec(figure(height=1, colour="red"), {})]
    (tmp_path / "03_spike.html").write_text("".join(freeze(explorer).html for explorer in explorers), "utf-8")
    return tmp_path


def test_a_picture_that_leads_to_an_explorer_gives_way_to_it(out):
    body = with_explorers(README, lambda text: text, out)
    assert "film.gif" not in body and "Before." in body and "[a link](03_spike.ipynb)" in body
    before, figure, after = re.split(r"(?=<div class=\"fm-turned\")|(?<=</figure></div>)", body)
    assert "Before." in before and "After" in after
    assert 'data-page="03_spike.html"' in figure and "<title>blue &lt;2&gt;</title>" in figure
    assert figure.count("<input type=\"range\"") == 1 and "<select" not in figure    # its first slider alone


def test_a_picture_whose_page_is_not_there_is_left_out(tmp_path):
    body = with_explorers(README, lambda text: text, tmp_path)
    assert "film.gif" not in body and "fm-turned" not in body and "After" in body


def test_an_explorer_that_is_not_there_or_has_no_slider_is_none(out):
    assert living(out / "03_spike.html", "circle") == "" and living(out / "03_spike.html", "figure") == ""
    assert living(out / "04.html", "line") == ""


def test_other_pictures_stay(tmp_path):
    text = "![A picture](a.png) and [![another](b.png)](notebooks/03_spike.md)"
    assert html.unescape(with_explorers(text, lambda text: text, tmp_path)) == text
