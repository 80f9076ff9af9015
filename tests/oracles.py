"""Rules and spectra that know nothing of the package: what its numbers are tested against."""

import numpy as np
from scipy import special


def plane(dim, pieces=40, reach=10.0, radii=40):
    """(t, r, weights) with E f(t, r) = Σ weights f, t ~ N(0, 1), r² ~ χ²_{dim−1}.

    Legendre panels in t, Laguerre nodes in r².
    """
    x, mass = np.polynomial.legendre.leggauss(8)
    edges = reach * np.linspace(-1, 1, pieces + 1)
    t = (edges[:-1, None] + np.diff(edges)[:, None] * (x + 1) / 2).ravel()
    along = (np.diff(edges)[:, None] * mass / 2).ravel() * np.exp(-t**2 / 2) / np.sqrt(2 * np.pi)
    if dim == 2:                                                     # r = |N(0, 1)|: the half of the same rule
        r, across = t[t > 0], 2 * along[t > 0]
    else:
        k, alpha = np.arange(radii), (dim - 3) / 2
        off = np.sqrt(k[1:] * (k[1:] + alpha))
        half, vectors = np.linalg.eigh(np.diag(2 * k + alpha + 1) + np.diag(off, 1) + np.diag(off, -1))
        r, across = np.sqrt(2 * half), vectors[0] ** 2
    t, r, weights = np.broadcast_arrays(t[:, None], r, np.multiply.outer(along, across))
    return t.ravel(), r.ravel(), weights.ravel()


def waves(parity, *, dim, bulk, spike, sector, modes):
    """Eigenvalues of T₁ for cos (parity 0) or sin (1) in one sector, by Mehler's formula, descending.

    k₁ = e^{−(q + q')/2} (cosh c, sinh c): a product over the coordinates of kernels exp(−γ(x² + x'²)/2 + γxx') on
    N(0, 1), whose eigenvalues are (1−ρ)^{1/2} ρ^n √(…) with ρ from γ; across w* the total power n of the dim − 1
    coordinates has sector n, n − 2, …
    """
    def factor(gamma):                                               # eigenvalues amount·ρ^n of one coordinate
        root = np.sqrt(1 + 4 * gamma)
        return np.sqrt(2 / (1 + 2 * gamma + root)), 2 * gamma / (1 + 2 * gamma + root)
    (a, rho), (a2, rho2) = factor((bulk + spike) / dim), factor(bulk / dim)
    n, k = np.meshgrid(np.arange(400), np.arange(60), indexing="ij")
    powers = sector + 2 * k
    values = np.exp(np.log(a) + n * np.log(rho) + (dim - 1) * np.log(a2) + powers * np.log(rho2))
    return np.sort(values[(n + powers) % 2 == parity])[::-1][:modes]


SMOOTHED = {"relu": lambda a, A: a * special.ndtr(a / np.sqrt(A)) + np.sqrt(A / (2 * np.pi)) * np.exp(-a**2 / (2 * A)),
            "quadratic": lambda a, bulk: bulk + a**2, "cosine": lambda a, bulk: np.exp(-bulk / 2) * np.cos(a),
            "erf": lambda a, bulk: special.erf(a / np.sqrt(2 * (1 + bulk)))}


def limit(name, *, ratio, bulk, step=0.02):
    """d → ∞ at B/d = ratio, with Φ in closed form: the spectrum of E_g[Φ(gt)Φ(gt')].

    Eigenvalues, descending, and modes (n, t), with t and weights.
    """
    t = step * np.arange(-round(8 / step), round(8 / step) + 1)      # equal steps are a Gauss rule for such functions
    weights = step * np.exp(-t**2 / 2) / np.sqrt(2 * np.pi)
    rows, root = SMOOTHED[name](np.sqrt(ratio) * np.multiply.outer(t, t), bulk), np.sqrt(weights)
    values, vectors = np.linalg.eigh(rows * np.multiply.outer(root, root))
    order = np.argsort(-np.abs(values))[:12]
    return values[order] ** 2, vectors[:, order].T / root, t, weights
