"""Exact Mercer spectra of the data-adaptive kernel k₁, sector by sector (MATH.md §5)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import Activation, activation as _activation
from fmspace_nb.covariance import unit_vector
from fmspace_nb.numerics.harmonics import gegenbauer, multiplicity
from fmspace_nb.spectrum.labels import Label
from fmspace_nb.spectrum.reduction import Reduction
from fmspace_nb.threads import one_thread


@dataclass(frozen=True)
class Sector:
    """The modes f(t, r) Y_degree(u) of T₁, x = t w* + r u: harmonics of one degree in the directions u across w*.

    eigenvalues (n,), descending, both parities merged; errors (n,): their estimated absolute errors; labels (n,): one `Label` a mode;
    multiplicity: how often each eigenvalue occurs. Calling the sector at (t, r) gives the factors f, shape (n,) + shape of t and r.
    """

    dim: int
    degree: int
    multiplicity: int
    eigenvalues: np.ndarray
    errors: np.ndarray
    labels: tuple[Label, ...]
    _functions: tuple

    def __call__(self, t, r) -> np.ndarray:
        """f_i(t, r), r ≥ 0: E f_i f_k = δ_ik for t ~ N(0,1), r² ~ χ²_{dim−1}; positive far out along w*."""
        t, r = np.broadcast_arrays(arguments.array("t", t), arguments.array("r", r, minimum=0.0))
        values = np.empty((len(self.eigenvalues),) + t.shape)
        if not t.size:
            return values
        for rows, signs, function in self._functions:
            values[list(rows)] = signs.reshape((-1,) + (1,) * t.ndim) * function(t, r)[:len(rows)]
        return values

    def on_points(self, x, *, direction=None, across=None) -> np.ndarray:
        """One eigenfunction of each mode at points x (…, dim): shape (n, …), orthonormal in L²(N(0, I)).

        direction is w* (default e₁). Of the `multiplicity` harmonics in u it takes √N P_j(⟨u, across⟩); of across (default e₂, or e₁
        where w* is e₂) only the part orthogonal to w* counts.
        """
        x = arguments.array("x", x, shape=(..., self.dim))
        direction = unit_vector(direction, self.dim)
        t = x @ direction
        rest = x - t[..., None] * direction
        r = np.sqrt(np.sum(rest**2, axis=-1))
        values = self(t, r)
        if self.degree == 0:
            return values
        across = _orthogonal(across, direction)
        omega = np.divide(rest @ across, r, out=np.zeros_like(r), where=r > 0)
        return values * np.sqrt(float(self.multiplicity)) * gegenbauer(self.dim - 1, self.degree, np.clip(omega, -1, 1))


@dataclass(frozen=True)
class MercerSpectrum:
    """The leading spectrum of T₁ on L²(N(0, I)): `sectors`, each with its eigenvalues, and their sum rule.

    trace: E k₁(x,x), exact; eigenvalues (n,): of all sectors, descending, with `multiplicities` and `labels` in the same order;
    error: the largest estimated relative error among the first four modes of each sector; tail: trace − Σ multiplicity·λ.
    """

    activation: Activation
    dim: int
    bulk: float
    spike: float
    sectors: list[Sector]

    @functools.cached_property
    def trace(self) -> float:
        return _trace(self.activation, self.dim, self.bulk, self.spike)

    @functools.cached_property
    def order(self) -> list[tuple[Sector, int]]:
        """(sector, index in it) of every mode, by descending eigenvalue."""
        modes = [(s, i) for s in self.sectors for i in range(len(s.eigenvalues))]
        return sorted(modes, key=lambda mode: -mode[0].eigenvalues[mode[1]])

    @property
    def eigenvalues(self) -> np.ndarray:
        return np.array([s.eigenvalues[i] for s, i in self.order])

    @property
    def multiplicities(self) -> np.ndarray:
        return np.array([float(s.multiplicity) for s, i in self.order])

    @property
    def labels(self) -> list[Label]:
        return [s.labels[i] for s, i in self.order]

    @property
    def error(self) -> float:
        place = Reduction(self.activation, self.dim, self.bulk, self.spike)
        return max(place.worst(s.eigenvalues, s.errors, np.max(self.eigenvalues, initial=0.0)) for s in self.sectors)

    @property
    def tail(self) -> float:
        return self.trace - float(self.eigenvalues @ self.multiplicities)


def mercer(activation, *, dim: int, bulk: float = 1.0, spike: float = 0.0, sectors: int = 3, modes: int = 8) -> MercerSpectrum:
    """The spectrum of k₁(x,x') = E_w[σ(⟨w,x⟩)σ(⟨w,x'⟩)], w ~ N(0, (bulk·I + spike·w*w*ᵀ)/dim), on L²(N(0, I)); MATH.md §5.

    The first `modes` eigenvalues of sectors 0 … sectors − 1 (dim = 2 has two sectors); fewer where the rest vanish
    or drown in rounding (1e-14 of the largest at large spikes of a homogeneous σ, else 1e-24 or, at weak spikes, less). 2 ≤ dim ≤ 10⁵,
    0.1 ≤ bulk ≤ 10, 0 ≤ spike ≤ 10³·dim. Relative error ≤ 1e-6 on the first four of each sector and parity for homogeneous and smooth σ
    (dim = 2 and 3 included), ≤ 1e-4 for a callable with a kink (on those above 1e-12 of the largest); the estimate is in `errors`, and
    larger ones raise ArithmeticError.
    Raises ValueError (TypeError) for a bad argument, and ValueError when σ is not square-integrable under k₁.
    """
    sigma, dim, bulk, spike = check_place(activation, dim, bulk, spike)
    sectors = arguments.integer("sectors", sectors, minimum=1, maximum=64)
    modes = arguments.integer("modes", modes, minimum=1, maximum=64)
    return MercerSpectrum(sigma, dim, bulk, spike, list(_sectors(sigma, dim, bulk, spike, min(sectors, 2) if dim == 2 else sectors, modes)))


def check_place(activation, dim, bulk, spike):
    """The activation and Γ = bulk·I + spike·w*w*ᵀ in dim dimensions, once they lie in the documented ranges."""
    dim = arguments.integer("dim", dim, minimum=2, maximum=100_000)
    return (_activation(activation), dim, arguments.real("bulk", bulk, minimum=0.1, maximum=10.0),
            arguments.real("spike", spike, minimum=0.0, maximum=1e3 * dim))


@functools.lru_cache(maxsize=64)
def _sectors(sigma, dim, bulk, spike, sectors, modes) -> tuple[Sector, ...]:
    with one_thread():
        blocks = Reduction(sigma, dim, bulk, spike).solve(sectors, modes)
        return tuple(_merge(dim, j, blocks[j], modes) for j in range(sectors))


@functools.lru_cache(maxsize=256)
def _trace(sigma, dim, bulk, spike) -> float:
    return Reduction(sigma, dim, bulk, spike).trace()


def _merge(dim: int, degree: int, blocks, modes: int) -> Sector:
    """One sector from its blocks of either parity, descending."""
    values = np.concatenate([b.values for b in blocks])
    errors = np.concatenate([b.errors for b in blocks])
    labels = [label for b in blocks for label in b.labels]
    order = np.argsort(-values, kind="stable")[:modes]
    rank, functions, start = {int(o): i for i, o in enumerate(order)}, [], 0
    far = 5.0 if dim > 40 else 2.0
    for b in blocks:
        rows = [rank[i] for i in range(start, start + len(b.values)) if i in rank]       # a descending block keeps its first modes
        start += len(b.values)
        if rows:
            signs = np.sign(b.function(np.array(far), np.array(np.sqrt(dim - 1.0) if dim > 40 else 0.5)))[:len(rows)]
            functions.append((tuple(rows), np.where(signs == 0, 1.0, signs), b.function))
    values, errors = values[order], errors[order]
    values.flags.writeable = errors.flags.writeable = False
    return Sector(dim, degree, multiplicity(dim - 1, degree), values, errors, tuple(labels[i] for i in order), tuple(functions))


def _orthogonal(across, direction: np.ndarray) -> np.ndarray:
    """The unit vector along the part of `across` orthogonal to the direction."""
    if across is None:
        across = np.eye(1, direction.size, int(abs(direction[1]) < 0.9))[0]
    across = arguments.array("across", across, shape=(direction.size,))
    across = across - (across @ direction) * direction
    length = np.linalg.norm(across)
    if not length > 1e-9:
        raise ValueError("across must not be parallel to direction, got a vector with no part orthogonal to it")
    return across / length
