"""What a solver of one half of σ gives, and what it must be able to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from fmspace_nb.spectrum.labels import Label


class Modes(NamedTuple):
    """Leading modes of T₁ in one sector and of one parity.

    values: eigenvalues (n,), descending. vectors: their coefficients (n, basis) in the solver's orthonormal basis.
    function: the eigenfunctions, (t, r) -> (n,) + shape, orthonormal in L²(N(0, I)).
    """

    values: np.ndarray
    vectors: np.ndarray
    function: Callable


class Solver(Protocol):
    """One half of σ at one Γ, discretised at one size: what `Root` (any σ) and `Harmonics` (homogeneous σ) have in
    common."""

    parity: int      # 0: even, 1: odd
    sizes: tuple     # tried in turn
    gain: float      # the error of a size against that of the one before, at most

    def sectors(self, count: int, modes: int) -> list[Modes]:
        """The first modes of sectors 0 … count − 1."""

    def labels(self, sector: int, modes: Modes) -> list[Label]:
        """A name for each of them."""

    def coefficients(self, functions: Callable) -> np.ndarray:
        """Functions (t, r) -> (n,) + shape, of sector 0 and the parity at hand, in the solver's basis: (n, basis)."""

    def image(self, vectors: np.ndarray) -> np.ndarray:
        """A root of T₁ applied to coefficients (n, basis) in sector 0: ⟨f, T₁h⟩ = image(f) · image(h)."""

    def at_spike(self, spike: float) -> Solver:
        """The same discretisation at another spike."""
