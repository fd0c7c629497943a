"""How fast the network is evaluated, against native complex convolutions, in one run."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.timing import Peak, interleaved, operations, quartiles
from phasegen.nn.inference import for_inference
from phasegen.nn.unet import ComplexUNet
from phasegen.precision import bfloat16_units
from phasegen.settings import Network, Precision
from tests.nn.oracle import Oracle

PAPER = Network(widths=[16, 32, 64, 128, 256], bottleneck=512, extra_blocks=3, embedding=256)
AIMS = {"float32": 1.7, "bfloat16": 3.0}


def main() -> None:
    options = _parser().parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    result = {"threads": options.threads, "size": options.size, "aims": AIMS, "batches": {}}
    result["bfloat16_units"] = bfloat16_units()
    # Emulated it takes minutes, which say nothing.
    forms = [form for form in AIMS if form != "bfloat16" or result["bfloat16_units"]]
    for batch in options.batch:
        result["batches"][batch] = compare(batch, options.size, options.rounds, forms)
        print("\n".join(lines(batch, result["batches"][batch])), flush=True)
    for form in AIMS:
        print(verdict(form, result))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")


@torch.inference_mode()
def compare(batch: int, size: int, rounds: int, forms: Sequence[Precision]) -> dict:
    """Times, ratios to the oracle and shares of the peak at one batch."""
    network = ComplexUNet(PAPER, channels_in=2, channels_out=1, embedding=PAPER.embedding).eval()
    models = {"oracle": Oracle(network)} | {form: for_inference(network, form) for form in forms}
    inputs = torch.randn(batch, 4, size, size), torch.full((batch,), 500)
    runs = {name: lambda model=model: model(*inputs) for name, model in models.items()}
    peaks = {form: Peak(getattr(torch, form)) for form in forms}
    seconds = interleaved(runs | {f"peak {form}": peaks[form] for form in forms}, rounds)
    found = {"oracle": {"ms": quartiles(1e3 * seconds["oracle"])}}
    for form in forms:
        work = operations(models[form], *inputs)
        found[form] = summary(seconds["oracle"], seconds[form], work, peaks[form].best)
    return found


def summary(oracle: np.ndarray, seconds: np.ndarray, work: int, peak: float) -> dict:
    """One form against the oracle and the machine; its ratios are of the turns of one round."""
    return {
        "ms": quartiles(1e3 * seconds),
        "ratio": quartiles(oracle / seconds),
        "operations": work,
        "peak": peak,
        # Best against best, since a busy machine hinders the longer of the two more often.
        "share_of_peak": work / float(seconds.min()) / peak,
    }


def lines(batch: int, found: dict) -> list[str]:
    """The table of one batch."""
    title = f"batch {batch}: ms per evaluation, times as fast as the oracle [quartiles], GFLOP/s"
    text = [title, f"  oracle    {found['oracle']['ms']['median']:8.1f} ms"]
    for form in filter(found.get, AIMS):
        of, ratio = found[form], found[form]["ratio"]
        text.append(
            f"  {form:9} {of['ms']['median']:8.1f} ms  {ratio['median']:5.2f} "
            f"[{ratio['low']:.2f}, {ratio['high']:.2f}]  {of['share_of_peak']:.0%} of the "
            f"peak of convolutions, {of['peak'] / 1e9:.0f}"
        )
    return text


def verdict(form: str, result: dict) -> str:
    """Whether a form is as fast as it is meant to be, at the first batch."""
    first = next(iter(result["batches"].values()))
    if form == "bfloat16" and not result["bfloat16_units"]:
        return "bfloat16: not timed, since the processor reports neither avx512_bf16 nor amx_bf16"
    ratio = first[form]["ratio"]["median"]
    word = "met" if ratio >= AIMS[form] else "MISSED"
    return f"{form}: aim of {AIMS[form]} times the oracle {word} ({ratio:.2f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.network",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--size", type=int, default=256, help="rows and columns")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 4], help="the aims: first one")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("results/bench/network.json"))
    return parser


if __name__ == "__main__":
    main()
