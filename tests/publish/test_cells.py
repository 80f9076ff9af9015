"""Every kind of cell and output has a form that lives in a page."""

from pathlib import Path

import pytest
from nbformat import v4

from fmspace_nb.publish.cells import NO_WIDGET, cell_html, output_html
from fmspace_nb.publish.markdown import Prose


@pytest.fixture
def prose():
    return Prose(Path(__file__).parent / "elsewhere")


def shown(data, prose):
    return output_html(v4.new_output("display_data", data), prose)


def test_code_is_folded_and_highlighted(prose):
    html = cell_html(v4.new_code_cell("def f(x):\n    return x < 1"), prose, "ipython3")
    assert html.startswith('<details class="code"><summary>') and 'class="k">def' in html and "&lt;" in html


@pytest.mark.parametrize(
    "tag, code, output",
    [
        ("setup", True, True),
        ("remove-input", False, True),
        ("remove-output", True, False),
        ("remove-cell", False, False),
    ],
)
def test_tags_say_what_of_a_cell_is_shown(prose, tag, code, output):
    cell = v4.new_code_cell(
        "1 + 1", outputs=[v4.new_output("stream", name="stdout", text="two")], metadata={"tags": [tag]}
    )
    html = cell_html(cell, prose)
    assert ("details" in html, "two" in html) == (code, output)


def test_a_solution_is_folded(prose):
    assert cell_html(v4.new_markdown_cell("so it is", metadata={"tags": ["solution"]}), prose).startswith(
        '<details class="solution">'
    )


def test_a_solution_that_is_folded_has_one_fold(prose):
    folded = v4.new_markdown_cell("<details><summary>Why</summary>\n\nso it is\n\n</details>",
                                  metadata={"tags": ["solution"]})
    assert cell_html(folded, prose).startswith('<details class="solution"><summary>Why')
    assert cell_html(folded, prose).count("<details") == 1


def test_a_plain_plotly_figure_is_drawn_by_the_page(prose):
    mime = {
        "data": [{"type": "scatter", "y": [1, 2]}],
        "layout": {"title": {"text": "A <b>title</b> </script>"}, "height": 250},
    }
    html = shown({"application/vnd.plotly.v1+json": mime, "text/html": "<div>its own five megabytes</div>"}, prose)
    assert html.startswith('<div class="fm-frozen" data-plain>') and "height:250px" in html and "megabytes" not in html
    assert html.count("</script>") == 1 and "<title>A title " in html and '"alt":"A title ' in html


def test_outputs_take_the_form_that_lives(prose):
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "IntSlider()"}
    assert NO_WIDGET in shown(widget, prose)
    assert "<b>html</b>" in shown(widget | {"text/html": "<b>html</b>"}, prose)
    assert 'src="data:image/png;base64,aGk="' in shown({"image/png": "aGk=\n", "text/plain": "<Figure>"}, prose)
    assert "<svg" in shown({"image/svg+xml": "<svg></svg>"}, prose)
    assert '<span class="tex" data-display>x^2</span>' in shown({"text/latex": "$x^2$"}, prose)
    assert "<em>marked</em>" in shown({"text/markdown": "*marked*"}, prose)
    assert "&lt;object&gt;" in shown({"text/plain": "<object>"}, prose)


def test_terminal_colours_are_dropped_and_errors_that_were_allowed_are_shown(prose):
    stream = v4.new_output("stream", name="stderr", text="\x1b[31mred\x1b[0m <")
    assert output_html(stream, prose) == '<pre class="output stderr" tabindex="0">red &lt;</pre>'
    error = v4.new_output("error", ename="ValueError", evalue="no", traceback=["\x1b[31mValueError\x1b[0m: no"])
    assert "ValueError: no" in output_html(error, prose)


def test_a_frozen_explorer_goes_through_untouched(prose):
    html = '<div class="fm-frozen" data-name="a"><script src="//x"></script></div>'
    assert shown({"text/html": html}, prose) == html


def test_links_in_a_table_lead_to_pages_too():
    prose = Prose(Path(), link=lambda address: address.replace(".ipynb", ".html"))
    table = '<table><td><a class="x" href="04_three_faces.ipynb">Theorem 1</a></td></table>'
    assert 'href="04_three_faces.html"' in shown({"text/html": table}, prose)
