"""The complex diffusion process, its samplers and the phase sources (Rempe et al. 2025)."""
