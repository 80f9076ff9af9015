"""Tables on disk: read back as written, selected by their columns, refused by name, and their sources named."""

import numpy as np
import pytest

from fmspace_nb.experiments import data


@pytest.mark.parametrize("rows, message", [
    ([], "rows must be one or more rows of the table 'cui', got none"),
    ([{"dim": 1.0}, {"dim": 2.0, "error": 3.0}], "rows must all have the columns dim, got one with dim, error"),
    ([{"dim": 1.0, "error": 3.0}, {"dim": 2.0}], "rows must all have the columns dim, error, got one with dim"),
    ([{"dim": 1.0, "word": "\ud800"}], "surrogates not allowed"),
])
def test_rows_that_make_no_table_leave_the_former_one(tmp_path, rows, message):
    path = data.write("cui", [{"dim": 0.1 + 0.2}, {"dim": 7}], tmp_path)
    former = path.read_text()
    assert former == "# made by: python -m fmspace_nb sweep cui\ndim\n0.3\n7\n"
    with pytest.raises(ValueError, match=message):
        data.write("cui", rows, tmp_path)
    assert path.read_text() == former and list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits
    for mine, theirs in zip(data.digits(), load_digits(return_X_y=True), strict=True):
        assert np.array_equal(mine, theirs)


def test_a_table_that_is_not_there_is_refused_by_name():
    with pytest.raises(ValueError, match="table must be one of .*'learning'.*, got 'tabel'"):
        data.table("tabel")


@pytest.mark.parametrize("where, error, message", [
    ({"dimm": 200}, ValueError, "column must be one of 'dim', 'width_ratio', .*, got 'dimm'"),
    ({"dim": "200"}, TypeError, "dim must be a number in 'cui', got '200' of type str"),
])
def test_rows_are_selected_by_columns_that_are_there_and_values_of_their_kind(where, error, message):
    with pytest.raises(error, match=message):
        data.select("cui", **where)


def test_a_number_among_words_is_refused():
    with pytest.raises(TypeError, match="activation must be a word in 'learning', got 3 of type int"):
        data.select("learning", activation=3)


def test_sources_of_the_data_are_named():
    readme = (data.files(data.__name__) / "README.txt").read_text(encoding="utf-8")
    assert all(name in readme for name in (*(f"{table}.csv" for table in data.tables()), "digits.npz"))
    assert "arXiv:2605.17718" in readme and "CC BY 4.0" in readme
