"""Spectra from sampled inputs (Nyström), for comparison with the exact ones: what n points can and cannot see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.spectrum.mercer import Label, MercerSpectrum


class Match(NamedTuple):
    """An exact mode beside what the sample gives for it.

    label, sector, exact eigenvalue and its multiplicity; estimates: the eigenvalues of K/n at the ranks the mode occupies; overlap: the
    share of one exact eigenfunction, on the sample, that lies in the span of the eigenvectors at those ranks (1: the same space).
    """

    label: Label
    sector: int
    exact: float
    multiplicity: int
    estimates: np.ndarray
    overlap: float


@dataclass(frozen=True)
class NystromSpectrum:
    """Eigenvalues (n,) of K/n, descending, and eigenvectors (n, n) as columns, of the Gram matrix of `kernel` at the points (n, dim)."""

    kernel: object
    points: np.ndarray
    eigenvalues: np.ndarray
    vectors: np.ndarray

    def eigenfunctions(self, x, count: int = 8) -> np.ndarray:
        """The first `count` eigenfunctions at inputs x (m, dim): shape (count, m), mean square one over the sample.

        ψ_i(x) = Σ_l k(x, x_l) v_{li}/(√n λ_i); ValueError when λ_count vanishes to rounding.
        """
        count = arguments.integer("count", count, minimum=1, maximum=len(self.eigenvalues))
        if self.eigenvalues[count - 1] <= 1e-14 * self.eigenvalues[0]:
            raise ValueError(f"count must be at most the rank of the Gram matrix, {np.sum(self.eigenvalues > 1e-14 * self.eigenvalues[0])}, "
                             f"got {count}")
        weights = self.vectors[:, :count] / (np.sqrt(len(self.points)) * self.eigenvalues[:count])
        return (self.kernel(x, self.points) @ weights).T

    def match(self, spectrum: MercerSpectrum, *, direction=None) -> list[Match]:
        """The exact modes in descending order, each given the next `multiplicity` eigenvalues of the sample, while they last.

        Stops below the top eigenvalue of the spectrum's last sector: from there on modes of sectors it does not hold may intervene.
        """
        arguments.instance("spectrum", spectrum, MercerSpectrum)
        if spectrum.dim != self.points.shape[1]:
            raise ValueError(f"spectrum must be of dim {self.points.shape[1]}, the points' own, got {spectrum.dim}")
        functions = {s.degree: s.on_points(self.points, direction=direction) for s in spectrum.sectors}
        known = spectrum.sectors[-1].eigenvalues[0] if spectrum.dim > 2 and len(spectrum.sectors[-1].eigenvalues) else 0.0
        matches, start = [], 0
        for sector, mode in spectrum.order:
            stop = start + sector.multiplicity
            if stop > len(self.eigenvalues) or sector.eigenvalues[mode] < known:
                break
            sample = functions[sector.degree][mode]
            inside = self.vectors[:, start:stop].T @ sample
            power = sample @ sample
            overlap = float(inside @ inside / power) if power > 0 else 0.0                # an odd mode, all inputs at the origin
            matches.append(Match(sector.labels[mode], sector.degree, float(sector.eigenvalues[mode]), sector.multiplicity,
                                 self.eigenvalues[start:stop], overlap))
            start = stop
        return matches


def nystrom(kernel, x) -> NystromSpectrum:
    """The spectrum of the Gram matrix K/n of a kernel at inputs x (n, dim), n ≥ 2: as n → ∞ that of its integral operator on their law.

    kernel: a callable (x, x') -> (n, n'), as `conjugate_kernel` gives. ValueError if it does not return a symmetric (n, n) matrix.
    """
    x = arguments.array("x", x, shape=(None, None))
    if len(x) < 2:
        raise ValueError(f"x must hold at least two inputs, got {len(x)}")
    if not callable(kernel):
        raise TypeError(f"kernel must be a callable (x, x') -> Gram matrix, got {kernel!r}")
    gram = arguments.array("kernel(x, x)", kernel(x, x), shape=(len(x), len(x)))
    if np.max(np.abs(gram - gram.T)) > 1e-8 * np.max(np.abs(gram)):
        raise ValueError(f"kernel(x, x) must be symmetric, got a difference of {np.max(np.abs(gram - gram.T)):g} from its transpose")
    values, vectors = np.linalg.eigh((gram + gram.T) / (2 * len(x)))
    return NystromSpectrum(kernel, x, values[::-1], vectors[:, ::-1])
