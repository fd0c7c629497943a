"""Tables A1 to A3 are written of plans, weights and the paper's own."""

import json
from pathlib import Path

import pandas as pd
import pytest
import torch

from phasegen.diffusion import weights as phase_weights
from phasegen.diffusion.denoiser import Denoiser
from phasegen.nn.counting import complex_weights, real_parameters
from phasegen.nn.weights_file import BadModel
from phasegen.settings import Network, PhaseModel, ReconstructionModel, TaskModel
from phasegen.steps import appendix as steps
from phasegen.steps.tables import phase_quality_text
from phasegen.tasks import reconstruction_weights, skull_strip_weights
from phasegen.tasks.reconstruction_network import ReconstructionNetwork
from phasegen.tasks.skull_strip_network import ImageNetwork

REPOSITORY = Path(__file__).parents[2]
PAPER = REPOSITORY / "resources" / "paper_appendix.csv"
FACTS = {"best": {"epoch": 3.0}}
SMALL = {"network": {"widths": [4], "bottleneck": 4, "dropout": 0.25}}


def outputs(folder):
    return {
        name: folder / f"table.{end}"
        for name, end in (("table", "csv"), ("markdown", "md"), ("latex", "tex"))
    }


def read(folder):
    return pd.read_csv(folder / "table.csv", dtype=str, keep_default_na=False)


@pytest.fixture
def trained(tmp_path):
    """Weights of both tasks."""
    torch.manual_seed(0)
    stripper = ImageNetwork(TaskModel.model_validate(SMALL))
    skull_strip_weights.save(
        tmp_path / "A2", skull_strip_weights.SkullStripper(stripper, 1.0, FACTS)
    )
    network = ReconstructionNetwork(ReconstructionModel.model_validate(SMALL))
    reconstruction_weights.save(
        tmp_path / "A3", reconstruction_weights.Reconstructor(network, FACTS)
    )
    return {"A2": stripper, "A3": network}


@pytest.mark.parametrize("number", ["A2", "A3"])
def test_hyperparameters_are_those_in_the_weights(trained, tmp_path, number):
    names = {"arm": "phasegen"} | ({"model": "small", "factor": 4} if number == "A3" else {})
    networks = [(names, ["learning_rate"], tmp_path / number)]
    steps.table_of_hyperparameters(number, networks, PAPER, "", **outputs(tmp_path))
    table = read(tmp_path).set_index("hyperparameter")
    assert table.loc["Dropout", "value"] == "0.25" and table.loc["Best epoch", "value"] == "3"
    count = complex_weights(trained[number])
    assert table.loc["# Parameters", "value"] == f"{count:,}"
    assert table.loc["Batch Size", "paper"] == "128"
    assert "| Learning Rate | 0.002 (chosen) | " in (tmp_path / "table.md").read_text()
    assert r"\# Parameters & " in (tmp_path / "table.tex").read_text()


def test_networks_of_the_other_task_are_refused(trained, tmp_path):
    with pytest.raises(BadModel, match="A3 is no skull_strip"):
        steps.table_of_hyperparameters(
            "A2", [({"arm": "none"}, [], tmp_path / "A3")], PAPER, "", **outputs(tmp_path)
        )
    assert not (tmp_path / "table.csv").exists()


def test_a_complex_weight_is_counted_once(trained):
    network = trained["A2"].unet
    shapes = [layer.weight.shape for layer in network.modules() if hasattr(layer, "block_weight")]
    assert complex_weights(network) == sum(s[1:].numel() + s[1] for s in shapes)
    # Two real numbers each, and those of normalisations and slopes.
    assert real_parameters(network) > 2 * complex_weights(network)


USED = {"use": "Skullstrip Testing", "cohort": "heads", "role": "test", "licence": "CC0 1.0; a & b"}


def table_a1(folder, model=None):
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"subjects": 3, "volumes": 6, "slices": 120, "coils": 1}))
    steps.table_a1([USED], {"heads": plan}, model, PAPER, "", **outputs(folder))
    return read(folder)


def test_data_sets_are_counted_by_their_plans(tmp_path):
    table = table_a1(tmp_path)
    (row,) = table[table["use"] == USED["use"]].to_dict("records")
    assert (row["subjects"], row["volumes"], row["slices"]) == ("3", "6", "120")
    assert row["paper_slices"] == "14 volumes"
    assert (table[table["use"] != USED["use"]]["cohort"] == "").all()
    assert r"CC0 1.0; a \& b" in (tmp_path / "table.tex").read_text()


def test_a_given_phase_model_says_how_many_it_was_trained_on(tmp_path):
    facts = {"train_subjects": ["a", "b"], "validation_subjects": ["c"]}
    model = PhaseModel(network=Network(widths=[4], bottleneck=4, embedding=8))
    phase_weights.save(tmp_path / "given.safetensors", Denoiser(model), facts)
    row = table_a1(tmp_path, tmp_path / "given.safetensors").iloc[0]
    assert (row["cohort"], row["subjects"]) == ("that of given.safetensors", "3")
    assert row["paper_slices"] == "12071 slices"


def test_realism_for_people_to_read(tmp_path):
    shipped = REPOSITORY / "resources" / "weights" / "phase_quality_64.csv"
    phase_quality_text(shipped, 64, "", tmp_path / "a.md", tmp_path / "a.tex")
    lines = [line for line in (tmp_path / "a.md").read_text().splitlines() if line[:1] == "|"]
    assert len(lines) == 2 + len(pd.read_csv(shipped))
    card = (shipped.parent / "README.md").read_text()
    assert "\n".join(lines) in card
    latex = (tmp_path / "a.tex").read_text()
    assert latex.count(r"\begin{tabular}") == 2 and r"\texttt{real}" in latex
