"""Small notebooks in a folder of their own, and a cache that no other run has filled."""

import nbformat
import pytest


@pytest.fixture(autouse=True)
def empty_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("FMSPACE_NB_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def write_notebook(tmp_path):
    """write_notebook("a", "# Title", code="1 + 1"): a notebook of Markdown cells in tmp_path, and of code if given; its
    path."""
    def write(name, *markdown, code=(), **metadata):
        cells = [nbformat.v4.new_markdown_cell(source) for source in markdown]
        cells += [nbformat.v4.new_code_cell(source) for source in ([code] if isinstance(code, str) else code)]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel | metadata), path)
        return path
    return write
