"""Exact Mercer spectra of the data-adaptive kernel k₁, sector by sector (chapters 01 and 05)."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import Activation, activation as _activation
from fmspace_nb.covariance import SpikedCovariance, unit_vector
from fmspace_nb.numerics.harmonics import gegenbauer, mean_power, multiplicity
from fmspace_nb.numerics.logvariance import gauss, gauss_angle
from fmspace_nb.numerics.quadrature import frozen
from fmspace_nb.remembered import curves
from fmspace_nb.spectrum.labels import Label
from fmspace_nb.spectrum.solve import DROWNED, kinked, relative_error, solve
from fmspace_nb.threads import one_thread


@dataclass(frozen=True, eq=False)  # equal to itself alone: what is computed of it can be remembered
class Sector:
    """The modes f(t, r) Y_degree(u) of T₁, x = t w* + r u: harmonics of one degree in the directions u across w*.

    eigenvalues (n,), descending, both parities merged; errors (n,): their estimated absolute errors; parities (n,): of
    the modes under x → −x, ±1; labels (n,): one `Label` a mode, found once asked for;
    multiplicity: how often each eigenvalue occurs. Calling the sector at (t, r) gives the factors f, shape (n,) +
        shape of t and r.
    """

    dim: int
    degree: int
    multiplicity: int
    eigenvalues: np.ndarray
    errors: np.ndarray
    parities: np.ndarray
    _functions: tuple
    _solved: tuple    # ((the sector's modes of one parity, its solver, the rows they have here), …)

    @functools.cached_property
    def labels(self) -> tuple[Label, ...]:
        named = {row: label for modes, solver, rows in self._solved
                 for row, label in zip(rows, solver.labels(self.degree, modes), strict=True)}
        return tuple(named[row] for row in range(len(self.eigenvalues)))

    def __call__(self, t, r) -> np.ndarray:
        """f_i(t, r), r ≥ 0: E f_i f_k = δ_ik for t ~ N(0,1), r² ~ χ²_{dim−1}; positive far out along w*."""
        t, r = np.broadcast_arrays(arguments.array("t", t), arguments.array("r", r, minimum=0.0))
        values = np.empty((len(self.eigenvalues),) + t.shape)
        if not t.size:
            return values
        for rows, function in self._functions:
            values[list(rows)] = function(t, r)[:len(rows)]
        return values

    def on_points(self, x, *, direction=None, across=None) -> np.ndarray:
        """One eigenfunction of each mode at points x (…, dim): shape (n, …), orthonormal in L²(N(0, I)).

        direction is w* (default e₁). Of the `multiplicity` harmonics in u it takes √N P_j(⟨u, across⟩); of across
        (default e₂, or e₁ where w* is e₂) only the part orthogonal to w* counts.
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

    trace: E k₁(x,x), exact; eigenvalues (n,): of all sectors, descending, with `multiplicities` and `labels` in the
        same order;
    error: the largest estimated relative error among the first four modes of each sector; tail: trace − Σ
        multiplicity·λ.
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
        floor = DROWNED * np.max(self.eigenvalues, initial=0.0) * kinked(self.activation)
        return max(relative_error(s.eigenvalues, s.errors, floor) for s in self.sectors)

    @property
    def tail(self) -> float:
        return self.trace - float(self.eigenvalues @ self.multiplicities)


def mercer(activation, *, dim: int | None = None, bulk: float = 1.0, spike: float = 0.0,
           covariance: SpikedCovariance | None = None, sectors: int = 3, modes: int = 8) -> MercerSpectrum:
    """The spectrum of k₁(x,x') = E_w[σ(⟨w,x⟩)σ(⟨w,x'⟩)], w ~ N(0, (bulk·I + spike·w*w*ᵀ)/dim), on L²(N(0, I)).

    Relative errors of the first four eigenvalues of sectors 0 … 2, A = 1, B/d ≤ 10 (B/d ≤ 1 for sin 3z), at most:

        σ                               d = 2, 3    5 … 20    100 … 10⁵
        homogeneous                     2e-10       4e-8      5e-8
        tanh, erf, gelu, softplus       1e-7        2e-7      1e-7
        tanh 4z, sin 3z                 3e-7        4e-7      5e-7
        hard tanh, max(z − ½, 0)        2e-4        9e-5      6e-6

    A σ that oscillates faster than that on the scale of its inputs is refused; a kink far out and eigenvalues below
    rounding (10⁻¹⁴ of the first, over their multiplicity) are less accurate, and `errors` say so.

    Args:
        activation: σ, a name or a callable.
        dim, bulk, spike: 2 ≤ dim ≤ 10⁵, 0.1 ≤ bulk ≤ 10 (any bulk > 0 for homogeneous σ),
            0 ≤ spike ≤ 10³·dim·max(1, bulk).
        covariance: a SpikedCovariance in place of these three.
        sectors: how many sectors, 0 … sectors − 1 (dim = 2 has two), at most 64; dozens of a σ that is not homogeneous
            take seconds, in few dimensions a minute.
        modes: how many eigenvalues of each, at most 64; fewer come where the rest vanish or drown in rounding.

    Returns:
        A MercerSpectrum; `errors` of its sectors are estimates of the absolute errors.

    Raises:
        ValueError, TypeError: an argument outside these domains, or a σ that is not square-integrable under k₁.
        ArithmeticError: a σ that bends too sharply for its first four modes to be known to 10⁻³.

    Source: paper, section 4; the solvers are derived in `spectrum/root.py` and `spectrum/homogeneous.py`.
    """
    sigma, dim, bulk, spike = check_place(activation, dim, bulk, spike, covariance)
    sectors = arguments.integer("sectors", sectors, minimum=1, maximum=64)
    modes = arguments.integer("modes", modes, minimum=1, maximum=64)
    sectors = min(sectors, 2) if dim == 2 else sectors
    if sigma.homogeneity is None:
        return MercerSpectrum(sigma, dim, bulk, spike, list(_sectors(sigma, dim, bulk, spike, sectors, modes)))
    scale = bulk**sigma.homogeneity                          # a homogeneous σ sees B/A alone
    found = _sectors(sigma, dim, 1.0, spike / bulk, sectors, modes)
    scaled = list(found) if scale == 1.0 else [
        replace(s, eigenvalues=frozen(scale * s.eigenvalues)[0], errors=frozen(scale * s.errors)[0]) for s in found
    ]
    return MercerSpectrum(sigma, dim, bulk, spike, scaled)


def check_place(activation, dim, bulk, spike, covariance=None) -> tuple[Activation, int, float, float]:
    """The activation and Γ = bulk·I + spike·w*w*ᵀ in dim dimensions, once they lie in the ranges that `mercer`
    documents."""
    sigma = _activation(activation)
    if covariance is not None:
        arguments.instance("covariance", covariance, SpikedCovariance)
        if dim is not None or bulk != 1.0 or spike != 0.0:
            raise ValueError("covariance must come without dim, bulk and spike, got both")
        dim, bulk, spike = covariance.dim, covariance.bulk, covariance.spike
    if dim is None:
        raise TypeError("dim must be an integer, or covariance a SpikedCovariance, got neither")
    dim = arguments.integer("dim", dim, minimum=2, maximum=100_000)
    if sigma.homogeneity is None:
        bulk = arguments.real("bulk", bulk, minimum=0.1, maximum=10.0)
    else:
        bulk = arguments.real("bulk", bulk, above=0.0)
    return sigma, dim, bulk, arguments.real("spike", spike, minimum=0.0, maximum=1e3 * dim * max(1.0, bulk))


@curves
def _sectors(sigma, dim, bulk, spike, sectors, modes) -> tuple[Sector, ...]:
    with one_thread():
        _trace(sigma, dim, bulk, spike)  # refuses a σ that is not square-integrable
        halves = [
            solve(sigma, parity, dim=dim, bulk=bulk, spike=spike, sectors=sectors, modes=modes) for parity in (0, 1)
        ]
        blocks = [[(*found[j], solver) for found, solver in halves if found] for j in range(sectors)]
        return tuple(_merge(dim, j, blocks[j], modes) for j in range(sectors))


@functools.lru_cache(maxsize=256)
def _trace(sigma, dim, bulk, spike) -> float:
    """E k₁(x,x) = E m(q), q = (A‖x‖² + B t²)/d, m(q) = E σ(√q z)²."""
    power = sigma.homogeneity
    if power is not None:
        tau, weights = gauss_angle(dim, 1 + spike / bulk, TRACE)
        return float(
            sigma.second_moment(1.0) * mean_power(dim, 2 * power) * (weights @ ((bulk + spike * tau**2) / dim) ** power)
        )
    (t, along), (r, across) = (
        gauss(n, np.sqrt(dim / variance), TRACE) for n, variance in ((1, bulk + spike), (dim - 1, bulk))
    )
    variance = ((bulk + spike) * t[:, None] ** 2 + bulk * r**2) / dim
    refused = ValueError(
        f"activation must be square-integrable under k₁, got {sigma.name}, which grows too fast for this spike"
    )
    try:
        moments = np.multiply.outer(along, across) * sigma.second_moment(variance)
    except ValueError as error:
        raise refused from error
    if np.max(moments[-1]) > FAR_OUT * np.sum(moments):
        raise refused
    return float(np.sum(moments))


TRACE = 40           # nodes of the rules that give the trace
FAR_OUT = 1e-9       # the share of the trace that the outermost node in t may have


def _merge(dim: int, degree: int, blocks, modes: int) -> Sector:
    """One sector from its blocks (modes, errors, solver) of either parity, descending."""
    values = np.concatenate([found.values for found, *_ in blocks])
    errors = np.concatenate([errors for _, errors, _ in blocks])
    order = np.argsort(-values, kind="stable")[:modes]
    rank, functions, solved, start = {int(o): i for i, o in enumerate(order)}, [], [], 0
    parities = np.zeros(len(order), dtype=int)
    for found, _, solver in blocks:
        places = [rank.get(i) for i in range(start, start + len(found.values))]
        start += len(found.values)
        rows = [row for row in places if row is not None]        # a block keeps its first modes
        if rows:
            functions.append((tuple(rows), found.function))
            parities[rows] = 1 - 2 * solver.parity
        solved.append((found, solver, places))
    values, errors, parities = frozen(values[order], errors[order], parities)
    return Sector(dim, degree, multiplicity(dim - 1, degree), values, errors, parities, tuple(functions), tuple(solved))


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
