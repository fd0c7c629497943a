"""How large a network is, as the papers count."""

from torch import nn

from phasegen.nn.complex import ComplexConv2d


def complex_weights(network: nn.Module) -> int:
    """Complex weights of all convolutions, one each, with their biases (Rempe et al. 2025)."""
    layers = [part for part in network.modules() if isinstance(part, ComplexConv2d)]
    return sum(layer.weight.numel() + layer.bias.numel() for layer in layers) // 2


def real_parameters(network: nn.Module) -> int:
    """Real numbers that are learnt."""
    return sum(values.numel() for values in network.parameters())
