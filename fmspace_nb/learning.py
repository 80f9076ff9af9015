"""Ridge regression on the features: the learning curve an exact spectrum predicts, and the experiment itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.numerics.harmonics import gegenbauer
from fmspace_nb.numerics.logvariance import gauss
from fmspace_nb.numerics.quadrature import frozen, gauss_gegenbauer, graded_angle
from fmspace_nb.remembered import curves
from fmspace_nb.spectrum.mercer import MercerSpectrum, Sector
from fmspace_nb.targets import target as as_target



@dataclass(frozen=True)
class Eigenframework:
    """What ridge regression learns of a target, seen in the eigenbasis of its kernel.

    eigenvalues, multiplicities: λ_i and how often each occurs, shape (k,).
    power: Σ v_i² of the target on each of these eigenspaces, shape (k,).
    unseen: power of the target outside all of them; it is never learned.
    tail: trace of the kernel outside all of them; noise: the label's variance σ_ε².
    """

    eigenvalues: np.ndarray
    multiplicities: np.ndarray
    power: np.ndarray
    unseen: float
    tail: float
    noise: float

    def learnability(self, kappa) -> np.ndarray:
        """L_i = λ_i/(λ_i + κ_eff), the share of mode i that is learned, shape kappa.shape + (k,)."""
        return self.eigenvalues / (self.eigenvalues + np.asarray(kappa)[..., None])

    def capacity(self, kappa) -> tuple[np.ndarray, np.ndarray]:
        """Σ L_i, the samples spent, and Σ L_i(1 − L_i), their fall with ln κ_eff; in the tail L_i = λ_i/κ_eff."""
        learned, tail = self.learnability(kappa), self.tail / kappa
        missed = np.asarray(kappa)[..., None] / (self.eigenvalues + np.asarray(kappa)[..., None])
        return learned @ self.multiplicities + tail, (learned * missed) @ self.multiplicities + tail

    def resolution(self, samples, ridge, width: float = math.inf) -> np.ndarray:
        """κ_eff, the eigenvalue half learned: κ_eff (N − ΣL)(1 − ΣL/m) = δ, by Newton's steps kept inside a bracket."""
        samples, ridge = np.broadcast_arrays(np.asarray(samples, dtype=float), np.asarray(ridge, dtype=float))
        most = np.minimum(samples, width)
        trace = self.eigenvalues @ self.multiplicities + self.tail
        high = np.log(2 * trace / most + 4 * ridge / samples)
        low = high - 80.0
        guess = high
        for _ in range(200):
            kappa = np.exp(guess)
            spent, change = self.capacity(kappa)
            left, room = samples - spent, 1 - spent / width
            inside = (left > 0) & (room > 0)
            excess = np.where(inside, kappa * left * room - ridge, -1.0)
            high, low = np.where(excess > 0, guess, high), np.where(excess > 0, low, guess)
            slope = np.where(inside, kappa * (left * room + change * (room + left / width)), 1.0)
            step = guess - excess / slope
            best = np.where(inside & (step >= low) & (step <= high), step, (low + high) / 2)
            if np.all(np.abs(best - guess) < 1e-15 * np.maximum(1, np.abs(guess))):
                break
            guess = best
        return np.exp(guess)

    def error(self, samples, ridge, width: float = math.inf) -> np.ndarray:
        """Test mean squared error (with label noise) from N samples at ridge δ, with m random features or the kernel.

        Infinite at the interpolation threshold without ridge. In sums of positive terms only: N − ΣL and m − ΣL, whose
        product is δm/κ_eff, and ΣL(1 − L); differences of N, m, ΣL and ΣL² have no digit left there.
        """
        samples, ridge = np.broadcast_arrays(np.asarray(samples, dtype=float), np.asarray(ridge, dtype=float))
        rank = self.multiplicities.sum() if self.tail == 0 else math.inf
        # Where everything is learned κ_eff = 0 exactly; what its iteration leaves depends on the last digit.
        everything = (ridge == 0) & (rank <= np.minimum(samples, width))
        kappa = self.resolution(samples, ridge, width)
        learned = np.where(everything[..., None], 1.0, self.learnability(kappa))
        soft = self.capacity(kappa)[1]
        left, room = self._unspent(samples, ridge, width, kappa)
        with np.errstate(divide="ignore", invalid="ignore"):
            if math.isinf(width):
                overfitting, share = samples / (left + soft), np.ones(kappa.shape)
            else:
                overfitting = samples * (room + soft) / (soft * (left + room) + left * room)
                share = room / (room + soft)
            overfitting = np.where(everything, samples / np.maximum(samples - rank, 0.0), overfitting)
            missed = (1 - learned) * (1 - learned * share[..., None]) @ self.power + self.unseen + self.noise
            return np.where(missed > 0, overfitting * missed, 0.0)

    @staticmethod
    def _unspent(samples, ridge, width, kappa):
        """N − ΣL and m − ΣL, each ≥ 0, unless everything is learned."""
        if math.isinf(width):
            return ridge / kappa, width
        product, gap = ridge * width / kappa, samples - width
        root = np.sqrt(gap**2 + 4 * product)
        small = np.divide(2 * product, np.abs(gap) + root, out=np.zeros(root.shape), where=root > 0)
        large = (np.abs(gap) + root) / 2
        return np.where(gap >= 0, large, small), np.where(gap >= 0, small, large)


def eigenframework(spectrum: MercerSpectrum, target, *, alignment: float = 1.0) -> Eigenframework:
    """The eigenframework of a spectrum with axis v and a target whose direction w* has ⟨v, w*⟩² = alignment.

    Args:
        spectrum: of the kernel, from `mercer`.
        target: a name, a callable g or a SingleIndexTarget.
        alignment: ⟨v, w*⟩² in [0, 1].

    Returns:
        an Eigenframework: the errors and shares L_i at any number of samples.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Simon et al. (2021), Canatar et al. (2021); chapter 07, (1).
    """
    arguments.instance("spectrum", spectrum, MercerSpectrum)
    target, alignment = as_target(target), arguments.real("alignment", alignment, minimum=0.0, maximum=1.0)
    sectors = spectrum.sectors
    coefficients = [target_coefficients(spectrum, sector, target, alignment=alignment) for sector in sectors]
    power = np.concatenate(coefficients) ** 2
    values = np.concatenate([sector.eigenvalues for sector in sectors])
    counts = np.concatenate([np.full(len(sector.eigenvalues), float(sector.multiplicity)) for sector in sectors])
    unseen, tail = target.second_moment - power.sum(), spectrum.tail
    tail = tail if tail > 1e-12 * spectrum.trace else 0.0        # of a kernel of finite rank rounding alone is left
    unseen = unseen if unseen > 1e-12 * target.second_moment else 0.0      # and of a target that lies in its span
    return Eigenframework(values, counts, power, unseen, tail, target.noise**2)


_ANGLES = {True: 48, False: 28}  # nodes in half of the angle about v, for homogeneous σ and for others
_RADII = (8, 48)     # nodes in the length: eight, and 48/√d more, since it spreads by 1/√(2d) of itself


def target_coefficients(spectrum: MercerSpectrum, sector: Sector, target, *, alignment: float = 1.0) -> np.ndarray:
    """v_i = ⟨g(⟨w*,x⟩), ψ_i⟩ for the modes of one sector of a spectrum with axis v, shape (n,), up to sign.

    Of the sector's degenerate harmonics only the zonal one about w* ⊖ v sees the target: with c² = ⟨v, w*⟩² and
    ω = ⟨u, w* ⊖ v⟩, v_i = √N_j E[f_i(t, r) g(c t + √(1−c²) r ω) P_j(ω)].
    In polar coordinates: for homogeneous σ the radius factors out of f_i.
    """
    target, dim, power = as_target(target), spectrum.dim, spectrum.activation.homogeneity
    if alignment == 1.0 and sector.degree > 0:
        return np.zeros(len(sector.eigenvalues))
    # of τ = t/‖x‖, where T₁ has structure
    grade = min(math.sqrt(spectrum.bulk / (spectrum.bulk + spectrum.spike)), 1 / math.sqrt(dim))
    along, across, weights, mass, modes = _at_nodes(sector, power, grade)
    signs = sector.parities * (-1) ** sector.degree                      # f(−t, r) = ±f(t, r)
    seen, mirrored = (_seen(target, sign * along, across, sector, alignment) for sign in (1, -1))
    both = seen + signs[:, None, None] * mirrored  # (n, angles, radii)
    return (modes * both) @ mass @ weights / 2


@curves  # of twenty spectra: other targets, directions and noises ask for the same
def _at_nodes(sector: Sector, power: float | None, grade: float):
    """Nodes (t, r), each (angles, radii), the weights of angle and radius, and the sector's modes there, (n, …)."""
    tau, complement, weights = graded_angle(sector.dim, _ANGLES[power is not None], grade)
    length, mass = gauss(sector.dim, math.sqrt(sector.dim), _RADII[0] + int(_RADII[1] / math.sqrt(sector.dim)))
    along, across = np.multiply.outer(tau, length), np.multiply.outer(complement, length)
    modes = sector(along, across) if power is None else sector(tau, complement)[..., None] * length**power
    return frozen(along, across, weights, mass, modes)


def _seen(target, along, across, sector: Sector, alignment: float) -> np.ndarray:
    """√N_j E_ω[g(c t + √(1−c²) r ω) P_j(ω)] at each (t, r)."""
    if alignment == 1.0:
        return target.link(along)
    omega, mass = gauss_gegenbauer(sector.dim - 1, 24)
    shifted = math.sqrt(alignment) * along[..., None] + math.sqrt(1 - alignment) * across[..., None] * omega
    zonal = gegenbauer(sector.dim - 1, sector.degree, omega)
    return math.sqrt(sector.multiplicity) * (target.link(shifted) @ (mass * zonal))


def learning_curve(spectrum, target, *, samples, ridge, width: int | None = None, alignment: float = 1.0) -> np.ndarray:
    """The test mean squared error of ridge regression with a kernel, predicted from the kernel's exact spectrum.

    N = Σ L_i + δ/κ_eff with L_i = λ_i/(λ_i + κ_eff);   MSE = N/(N − ΣL_i²) · (Σ (1 − L_i)² v_i² + σ_ε²).

    The part of the spectrum that was not computed counts through its trace: modes far below κ_eff act as ridge.
    Off by 10–40 % where few modes carry the target (N ≤ 4d, spike > d/10): see `conditional_learning_curve`.

    Args:
        spectrum: a MercerSpectrum.
        target: a name, a callable or a target g; its noise is the label's and is part of the test error.
        samples: N ≥ 1, a number or an array.
        ridge: δ ≥ 0 in (K + δI)⁻¹, a number or an array that broadcasts with samples.
        width: m random features with this kernel as their mean, in place of the kernel; None for the kernel itself.
        alignment: ⟨v, w*⟩² of the spectrum's own axis v with the target direction, in [0, 1].

    Returns:
        The predicted error, in the shape that samples and ridge broadcast to.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Simon et al. arXiv:2110.03922 and Canatar et al. arXiv:2006.13198; with width Simon et al. arXiv:2311.14646;
    chapter 07, (1) and the text below it.
    """
    samples = arguments.array("samples", samples, minimum=1.0)
    ridge = arguments.array("ridge", ridge, minimum=0.0)
    width = math.inf if width is None else arguments.integer("width", width)
    return eigenframework(spectrum, target, alignment=alignment).error(samples, ridge, width)
