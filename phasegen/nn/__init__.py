"""Complex-valued building blocks and the residual U-Net (k-Strip, Rempe et al. 2024)."""
