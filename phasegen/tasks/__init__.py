"""Tasks that train on synthetic k-space and are tested on real: the paper's proofs."""
