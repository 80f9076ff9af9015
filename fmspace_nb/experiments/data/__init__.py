"""Small data files: tables that a sweep made (`python -m fmspace_nb sweep`), points read off the paper, real digits."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from pathlib import Path

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.remembered import curves
from fmspace_nb.writing import write_whole


def tables() -> tuple[str, ...]:
    """The names of the tables there are."""
    names = (path.name for path in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in names if name.endswith(".csv")))


@curves
def table(name: str) -> dict[str, np.ndarray]:
    """A table as {column: array}, numbers where the whole column is numbers; its README says where it comes from."""
    text = (files(__name__) / f"{arguments.choice('table', name, tables())}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    return {column: _numbers([row[column] for row in rows]) for column in rows[0]}


def select(name: str, **where) -> dict[str, np.ndarray]:
    """The rows of a table whose columns have these values (numbers to its six digits), as {column: array}.

    Raises:
        ValueError: a table or a column that is not there.
        TypeError: a word among numbers or a number among words.
    """
    columns = table(name)
    keep = np.ones(len(next(iter(columns.values()))), dtype=bool)
    for column, value in where.items():
        values = columns[arguments.choice("column", column, tuple(columns))]
        if isinstance(value, str) != (values.dtype.kind == "U"):
            kind = "word" if values.dtype.kind == "U" else "number"
            raise TypeError(f"{column} must be a {kind} in {name!r}, got {value!r} of type {type(value).__name__}")
        keep &= values == value if isinstance(value, str) else np.isclose(values, value, rtol=1e-5, atol=0)
    return {column: values[keep] for column, values in columns.items()}


def write(name: str, rows: list[dict], folder: Path) -> Path:
    """Write a table as CSV, six digits a number, its first line the command that makes it; the path written.

    Raises ValueError unless there are rows, all with the same columns, and OSError; a former table is then as it was.
    """
    if not rows:
        raise ValueError(f"rows must be one or more rows of the table {name!r}, got none")
    columns = list(rows[0])
    for row in rows:
        if row.keys() != rows[0].keys():
            raise ValueError(f"rows must all have the columns {', '.join(columns)}, got one with {', '.join(row)}")
    text = io.StringIO(newline="")
    text.write(f"# made by: python -m fmspace_nb sweep {name}\n")
    sheet = csv.DictWriter(text, columns, lineterminator="\n")
    sheet.writeheader()
    sheet.writerows({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows)
    Path(folder).mkdir(parents=True, exist_ok=True)
    return write_whole(Path(folder) / f"{name}.csv", text.getvalue())


@curves
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits: grey levels 0 … 16, shape (1797, 64), and which digit each is, shape (1797,)."""
    with (files(__name__) / "digits.npz").open("rb") as file, np.load(file) as stored:
        return stored["pixels"].astype(float), stored["digits"].astype(int)


def _numbers(values: list[str]) -> np.ndarray:
    try:
        return np.array(values, dtype=float)
    except ValueError:
        return np.array(values)
