"""The conditional eigenframework: learning curves where a few strong modes, far from Gaussian, carry the target.

Sector 0 depends on (t, r) alone and has few modes that count: they are evaluated on drawn samples. The modes of sector
j ≥ 1 come in N_j copies, one a harmonic in the direction u of x across v: *given* the (t, r) of the samples these are
Gaussian, and average out. Off the axis the zonal copies about w* ⊖ v see the target, too, and are drawn with the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.learning import target_coefficients
from fmspace_nb.numerics.harmonics import gegenbauer
from fmspace_nb.numerics.quadrature import frozen
from fmspace_nb.remembered import networks
from fmspace_nb.spectrum.mercer import MercerSpectrum
from fmspace_nb.targets import target as as_target

_POINTS, _FEWEST, _MOST = 4096, 8, 128  # draws of N samples: so many points in all, within these bounds
_ROUNDS, _CLOSE = 200, 1e-6  # the fixed point contracts: at most so many rounds, until D moves by less than this share
_LARGEST = 4096  # samples: beyond, the matrices of one draw fill the memory
_ENTRIES = 2_000_000  # of the N×N matrices that are held at once


def conditional_learning_curve(spectrum, target, *, samples, ridge, width: int | None = None, alignment: float = 1.0,
                               draws: int | None = None, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The test error of `learning_curve`, also where the leading modes are far from Gaussian: N ≤ 4d, B > d/10.

    Each draw costs an N×N matrix a ridge, whatever d is. All calls with one seed see the same random numbers.

    Args:
        spectrum, target, ridge, width, alignment: as in `learning_curve`, with ridge > 0.
        samples: N, whole numbers from 1 to 4096, one or an array.
        draws: of the samples' (t, r), ≥ 2; None for 4096/N, between 8 and 128.
        seed: which draws, ≥ 0.

    Returns:
        (mean, standard error of the mean over the draws), each of the shape that samples and ridge broadcast to.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 07, (1a); with width, the variance of the random features is added.
    """
    arguments.instance("spectrum", spectrum, MercerSpectrum)
    samples = arguments.array("samples", samples, minimum=1.0)
    for value in samples[(samples != np.round(samples)) | (samples > _LARGEST)].flat[:1]:
        raise ValueError(f"samples must be whole numbers ≤ {_LARGEST}, got {value:g}")
    ridge = arguments.array("ridge", ridge)
    if ridge.size and ridge.min() <= 0:
        raise ValueError(f"ridge must be > 0 everywhere, got {ridge.min():g}")
    width = math.inf if width is None else arguments.integer("width", width)
    alignment = arguments.real("alignment", alignment, minimum=0.0, maximum=1.0)
    draws = None if draws is None else arguments.integer("draws", draws, minimum=2)
    samples, ridge = np.broadcast_arrays(samples, ridge)
    times = {int(n): draws or min(max(_POINTS // int(n), _FEWEST), _MOST) for n in np.unique(samples)}
    split = _Split.of(spectrum, as_target(target), alignment)
    pool = split.pool(arguments.integer("seed", seed, minimum=0), max((n * k for n, k in times.items()), default=0))
    mean, error = np.empty(samples.shape), np.empty(samples.shape)
    for count, often in times.items():
        here = samples == count
        size = max(1, _ENTRIES // (count * count * int(here.sum())))  # draws treated at once
        found = [_Given.of(pool, range(k, min(k + size, often)), count, ridge[here], width).error()
                 for k in range(0, often, size)]
        found = np.concatenate(found)  # (draws, ridges)
        mean[here], error[here] = found.mean(axis=0), found.std(axis=0, ddof=1) / math.sqrt(often)
    return mean, error


@dataclass(frozen=True)
class _Split:
    """A spectrum in two parts: p modes that are drawn, and the sectors j ≥ 1 in many copies, Gaussian given the draw.

    drawn (p,): eigenvalues; coefficients (p,): of the target on them;
    copies: how often each sector j ≥ 1 occurs among the rest.
    """

    spectrum: MercerSpectrum
    target: object
    alignment: float
    drawn: np.ndarray
    coefficients: np.ndarray
    copies: tuple[float, ...]

    @classmethod
    def of(cls, spectrum, target, alignment: float) -> _Split:
        first, *others = spectrum.sectors
        seen = [first, *others] if alignment < 1.0 else [first]
        coefficients = [target_coefficients(spectrum, sector, target, alignment=alignment) for sector in seen]
        copies = tuple(float(sector.multiplicity) - (alignment < 1.0) for sector in others)
        drawn = np.concatenate([sector.eigenvalues for sector in seen])
        return cls(spectrum, target, alignment, drawn, np.concatenate(coefficients), copies)

    def pool(self, seed: int, size: int) -> _Pool:
        """So many inputs, the first ones of a sequence without end, and every mode on them."""
        spectrum, sectors = self.spectrum, self.spectrum.sectors[1:]
        dim, (t, side, r, (first, *others)) = spectrum.dim, _inputs(tuple(spectrum.sectors), seed, size)
        omega = side / r  # ⟨u, w* ⊖ v⟩
        drawn, along = [first], math.sqrt(self.alignment) * t + math.sqrt(1 - self.alignment) * side
        if self.alignment < 1.0:
            for k, sector in enumerate(sectors):
                zonal = gegenbauer(sector.dim - 1, sector.degree, omega)[:, None] * math.sqrt(sector.multiplicity)
                drawn.append(others[k] * zonal)
                # The harmonics of a degree have a fixed sum of squares: the others share what the zonal one leaves.
                left = (sector.multiplicity - zonal**2) / max(sector.multiplicity - 1, 1)
                others[k] = others[k] * np.sqrt(np.maximum(left, 0.0))
        drawn = np.concatenate(drawn, axis=-1) * np.sqrt(self.drawn)
        others = [values * np.sqrt(sector.eigenvalues) for sector, values in zip(sectors, others, strict=True)]
        variance = (spectrum.bulk * (t**2 + r**2) + spectrum.spike * t**2) / dim
        tail = spectrum.activation.second_moment(variance) - np.sum(drawn**2, axis=-1)
        for copies, values in zip(self.copies, others, strict=True):
            tail = tail - copies * np.sum(values**2, axis=-1)
        return _Pool(self, drawn, others, np.maximum(tail, 0.0), self.target.link(along))


@networks
def _inputs(sectors, seed: int, size: int):
    """Drawn inputs: t along v, their part along w* ⊖ v, r across v, each (size,); and each sector's modes on them."""
    dim, streams = sectors[0].dim, [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3)]
    t, side = streams[0].standard_normal(size), streams[1].standard_normal(size)
    r = np.sqrt(side**2 + (2 * streams[2].standard_gamma((dim - 2) / 2, size) if dim > 2 else 0.0))
    modes = [frozen(sector(t, r).T)[0] for sector in sectors]  # (size, modes)
    return *frozen(t, side, r), modes


class _Pool(NamedTuple):
    """Inputs to draw samples from: √λ φ of the drawn modes (size, p), of each sector j ≥ 1, the tail, the labels."""

    split: _Split
    modes: np.ndarray
    many: list[np.ndarray]
    tail: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class _Given:
    """Ridge regression given the draws; leading axes (draws, ridges), of the fields (draws, 1).

    modes B (…, N, p): √λ φ of the drawn modes; many: Ψ (…, N, n) likewise of each sector j ≥ 1; tail, labels (…, N).
    """

    split: _Split
    modes: np.ndarray
    many: list[np.ndarray]
    tail: np.ndarray
    labels: np.ndarray
    ridge: np.ndarray
    width: float

    @classmethod
    def of(cls, pool: _Pool, which: range, samples: int, ridge, width: float) -> _Given:
        """These draws of so many samples, one after the other from the pool."""
        def part(values):
            return values[which.start * samples:which.stop * samples].reshape(len(which), 1, samples, *values.shape[1:])

        return cls(pool.split, part(pool.modes), [part(values) for values in pool.many], part(pool.tail),
                   part(pool.labels), np.asarray(ridge, dtype=float), width)

    def error(self) -> np.ndarray:
        """Test mean squared error with label noise, shape (draws, ridges)."""
        split, noise = self.split, self.split.target.noise**2
        scale, root, ridge, shrunk = self._fixed_point()
        resolvent = -root @ _turned(root)  # Ḡ, (…, N, N)
        np.einsum("...ii->...i", resolvent)[...] += scale
        residual = _times(resolvent, self.labels)  # Ḡ y, y without its noise
        onto = _turned(self.modes) @ resolvent  # Bᵀ Ḡ, (…, p, N)
        trace = np.einsum("...ii->...", resolvent)
        squared = np.square(resolvent, out=resolvent)  # Ḡ∘Ḡ
        rows = squared.sum(axis=-1)
        power = residual**2 + noise * rows  # E (Ḡ(y + ε))²
        echo, reach = self._echo(squared, shrunk)
        noisy = echo(power)  # s: the sectors j ≥ 1 act on each label like noise of this variance
        heard = power + _times(squared, noisy)
        missed = split.coefficients - np.sqrt(split.drawn) * _times(onto, self.labels)
        lengths = split.drawn @ np.square(onto)  # ‖√Λ Bᵀ Ḡ e_i‖²
        unseen = split.target.second_moment - split.coefficients @ split.coefficients
        error = np.sum(missed**2, axis=-1) + np.sum((noisy + noise) * lengths + heard * reach, axis=-1) + unseen + noise
        if math.isinf(self.width):
            return error
        # m random features add the change of δ' with their covariance, in the direction of a test point's.
        growth, ridge = 1 + echo(rows), ridge[..., 0]  # 1 + dD/dδ'
        doubt = split.spectrum.tail + split.drawn.sum() - np.einsum("p,...pi,...ip->...", split.drawn, onto, self.modes)
        for copies, sector, inverse in zip(split.copies, split.spectrum.sectors[1:], shrunk, strict=True):
            doubt = doubt + copies * np.einsum("k,...kk->...", sector.eigenvalues, inverse)  # E[k − kᵀGk]
        slope = np.sum(growth * lengths + _times(squared, growth) * reach, axis=-1)
        fitted = self.labels.shape[-1] - 2 * ridge * trace + ridge**2 * np.sum(rows * growth, axis=-1)  # tr (KG)²
        change = (doubt - ridge * slope) / (self.width - fitted)  # dδ'/dΨ
        energy = np.sum(self.labels * residual, axis=-1) + noise * trace  # yᵀGy
        energy = energy - ridge * np.sum(power * growth, axis=-1)  # yᵀGKGy
        return error + change * energy

    def _fixed_point(self):
        """D and δ' of their equations: e = 1/(D + δ'), V of Ḡ = diag(e) − VVᵀ, δ' (…, 1), (1 + ΨᵀdiagḠΨ)⁻¹."""
        samples, ridge, turned = self.labels.shape[-1], self.ridge[:, None], _turned(self.modes)
        loaded = self.tail + ridge  # D + δ'
        for copies, values in zip(self.split.copies, self.many, strict=True):
            loaded = loaded + copies * np.sum(values**2, axis=-1)
        for _ in range(_ROUNDS):
            scale = 1 / loaded
            small = turned @ (scale[..., None] * self.modes)  # (…, p, p)
            np.einsum("...ii->...i", small)[...] += 1.0
            root = scale[..., None] * (self.modes @ _turned(np.linalg.inv(np.linalg.cholesky(small))))  # V, (…, N, p)
            diagonal = scale - np.sum(root**2, axis=-1)
            if not math.isinf(self.width):  # δ = δ' (1 − (N − δ' tr Ḡ)/m)
                trace, excess = diagonal.sum(axis=-1, keepdims=True), samples - self.width
                ridge = (excess + np.sqrt(excess**2 + 4 * self.ridge[:, None] * self.width * trace)) / (2 * trace)
            before, loaded, shrunk = loaded, self.tail + ridge, []
            for copies, values in zip(self.split.copies, self.many, strict=True):
                inside = _turned(values) @ (diagonal[..., None] * values)  # (…, n, n)
                np.einsum("...ii->...i", inside)[...] += 1.0
                shrunk.append(np.linalg.inv(inside))
                loaded = loaded + copies * np.sum((values @ shrunk[-1]) * values, axis=-1)
            if np.all(np.abs(loaded - before) < _CLOSE * before):
                break
        return scale, root, np.broadcast_to(ridge, (*scale.shape[:2], 1)), shrunk

    def _echo(self, squared, shrunk):
        """p -> s of s = 𝒦(p + (Ḡ∘Ḡ)s), 𝒦_ik = Σ_j N_j (ψ_iᵀ(1+G)⁻¹ψ_k)²; and Σ_j N_j ‖√Λ(1+G)⁻¹ψ_i‖², (…, N)."""
        pairs, reach, sectors = [], 0.0, self.split.spectrum.sectors[1:]
        for copies, sector, values, inverse in zip(self.split.copies, sectors, self.many, shrunk, strict=True):
            outer = values @ np.linalg.cholesky(inverse)  # (…, N, n)
            k, l = np.triu_indices(outer.shape[-1])
            pairs.append(outer[..., k] * outer[..., l] * np.sqrt(copies * np.where(k == l, 1.0, 2.0)))
            reach = reach + copies * np.square(values @ inverse) @ sector.eigenvalues
        if not pairs:
            return np.zeros_like, np.zeros_like(squared[..., 0])
        pairs = np.concatenate(pairs, axis=-1)  # 𝒦 = ZZᵀ, Z of shape (…, N, Σ n(n+1)/2)
        mutual = np.eye(pairs.shape[-1]) - _turned(pairs) @ squared @ pairs
        return lambda p: _times(pairs, _solved(mutual, _times(_turned(pairs), p))), reach


def _turned(matrix):
    return np.swapaxes(matrix, -1, -2)


def _times(matrix, vector):
    return np.squeeze(matrix @ vector[..., None], -1)


def _solved(matrix, vector):
    return np.squeeze(np.linalg.solve(matrix, vector[..., None]), -1)
