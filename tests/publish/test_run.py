"""A notebook is run by a kernel of its own that is told to freeze; what fails is said in words."""

import json
import os

import nbformat
import pytest

from fmspace_nb.__main__ import main
from fmspace_nb.publish import TIME_LIMIT
from fmspace_nb.publish.run import ExportError, run


def ran(path, **options):
    return run(nbformat.read(path, 4), name=path.name, folder=path.parent, **options)


def test_the_kernel_is_told_to_freeze_and_works_beside_the_notebook(write_notebook):
    code = ("import json, os; print(json.dumps([os.getcwd(), *map(os.environ.get, "
            "('FMSPACE_NB_FROZEN', 'PLOTLY_RENDERER', 'OMP_NUM_THREADS'))]))")
    path, seen = write_notebook("a", "# A", code=[code, "1 + 1"]), []
    done = ran(path, threads=3, on_cell=seen.append)
    assert json.loads(done.cells[1].outputs[0].text) == [
        str(path.parent),
        "1",
        "plotly_mimetype",
        os.environ.get("OMP_NUM_THREADS", "3"),
    ]
    assert done.cells[2].outputs[0].data["text/plain"] == "2" and seen == [1, 2]


def test_an_error_that_a_cell_is_tagged_for_is_an_output(write_notebook):
    path = write_notebook("a", code=["1 / 0", "'went on'"])
    notebook = nbformat.read(path, 4)
    notebook.cells[0].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, path)
    done = ran(path)
    assert (
        done.cells[0].outputs[0].ename == "ZeroDivisionError"
        and done.cells[1].outputs[0].data["text/plain"] == "'went on'"
    )


@pytest.mark.parametrize(
    "code, message",
    [
        (
            ["x = 1", "raise KeyError('spike')  # a remark"],
            r"^a\.ipynb, cell 2 of 2 \(raise KeyError.*\) failed: KeyError: 'spike'$",
        ),
        (
            "e = ValueError('no')\ne.add_note('at spike 2')\nraise e",
            r"\(e = ValueError\('no'\)…\) failed: ValueError: no\nat spike 2$",
        ),
        (
            "class Bad:\n    def _ipython_display_(self):\n        1 / 0\nBad()",
            r"\(class Bad:…\) failed: ZeroDivisionError: division",
        ),
    ],
    ids=["raised", "with a note", "while it is shown"],
)
def test_a_cell_that_fails_is_named_with_its_error_and_its_notes(write_notebook, code, message):
    with pytest.raises(ExportError, match=message):
        ran(write_notebook("a", code=code))


def test_a_kernel_that_dies_is_said_with_its_last_words(write_notebook):
    code = "import os, sys; os.write(2, b'out of luck'); os._exit(3)"
    with pytest.raises(
        ExportError, match=r"cell 1 of 1 \(.*\) ended its kernel: a crash, or out of memory\n(.|\n)*out of luck"
    ):
        ran(write_notebook("a", code=code))


def test_a_kernel_that_is_not_here_is_named(write_notebook):
    julia = {"name": "julia-1.11", "display_name": "Julia", "language": "julia"}
    path = write_notebook("a", code="1 + 1", kernelspec=julia)
    with pytest.raises(ExportError, match=r"^a\.ipynb needs the kernel 'julia-1\.11', which is not installed here$"):
        ran(path)


@pytest.mark.parametrize("command", ["html", "slides"])
def test_the_command_line_names_the_usual_time_limit(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"seconds a notebook may run (default: {TIME_LIMIT:g})" in " ".join(capsys.readouterr().out.split())
