"""Exact Mercer spectra of the conjugate kernel under a spiked covariance, sector by sector."""
