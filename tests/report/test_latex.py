"""Tables as LaTeX: whole, of even rows, and of characters that LaTeX takes for what they are."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegen.report.grid import PAPER, Best, Section
from phasegen.report.latex import WIDEST, escape, latex
from phasegen.report.markdown import markdown
from phasegen.report.reconstruction_sections import table_three_sections, table_two_sections
from phasegen.report.reconstruction_table import table_three, table_two
from phasegen.report.skull_strip_sections import table_one_sections
from phasegen.report.skull_strip_table import table_one

from .conftest import reconstructions, results

PRINTED = pd.read_csv(Path(__file__).parents[2] / "resources" / "paper_tables.csv")
HOSTILE = Section(
    "50 % of a_b & c#1 {x} $y$ \\z ~ ^",
    ["name_1", "SSIM [%]", PAPER, "[x]"],
    [["[a]", "1 ± 2", "-", "-0.5"], ["*", Best("3 & 4"), "<b>|", "1e-4"]],
    "Of ``none_image``: 5 %.",
)


def sections():
    stream = np.random.default_rng(0)
    rows = reconstructions()
    return [
        *table_one_sections(table_one(results(), PRINTED, stream)),
        *table_two_sections(table_two(rows, PRINTED, stream, [("large", 4, "phasegen")])),
        *table_three_sections(table_three(rows, PRINTED, stream)),
    ]


def tabulars(text):
    """Column kinds and rows, each a list of cells with their widths, of every tabular."""
    found = re.findall(r"\\begin\{tabular\}\{(\w+)\}\n(.*?)\\end\{tabular\}", text, re.DOTALL)
    return [(kinds, [row_of(line) for line in lines_of(body)]) for kinds, body in found]


def lines_of(body):
    return [line for line in body.splitlines() if line.endswith(r"\\")]


def row_of(line):
    cells = re.split(r"(?<!\\)&", line.removesuffix(r"\\"))
    spans = [re.match(r"\s*\\multicolumn\{(\d)\}", cell) for cell in cells]
    width = sum(int(span[1]) if span else 1 for span in spans)
    return width, [cell.strip() for cell in cells]


@pytest.mark.parametrize("made", [sections, lambda: [HOSTILE]], ids=["tables", "hostile"])
def test_environments_are_balanced_and_rows_even(made):
    text = latex(made())
    opened = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert not opened
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    for kinds, rows in tabulars(text):
        assert {width for width, _ in rows} == {len(kinds)}
        assert len(kinds) <= WIDEST


def test_every_table_has_the_rules_of_booktabs():
    text = latex(sections())
    count = len(tabulars(text))
    for rule in ("toprule", "midrule", "bottomrule"):
        assert text.count(f"\\{rule}\n") == count
    assert text.startswith("% \\usepackage{booktabs, adjustbox}\n")


def test_what_markdown_has_latex_has():
    own = sections()
    plain = re.sub(r"\\textbf\{(.*?)\}(?= [&\\])", r"**\1**", latex(own)).replace(r"$\pm$", "±")
    for section in own:
        for row in section.rows:
            for cell in row:
                assert ("--" if cell == "-" else escape(cell).replace(r"$\pm$", "±")) in plain
    assert plain.count("**") == markdown(own).count("**") > 0


def test_the_papers_column_stands_under_a_common_head():
    text = latex([HOSTILE])
    assert r" & \multicolumn{2}{c}{SSIM {[}\%]} & {[}x] \\" in text
    assert r"\cmidrule(lr){2-3}" in text and " & ours & paper & " in text


def test_long_heads_have_two_lines():
    titles = ["source", "DSC", PAPER, "DSC by subject [interval]"]
    ((_, rows),) = tabulars(latex([Section("a", titles, [["a", "1", "2", "3"]])]))
    assert rows[0][1][-1] == "DSC" and rows[1][1][-1] == "by subject {[}interval]"


def test_wide_tables_go_on_below_with_their_rows_named_again():
    titles = ["source", *(f"m{number}" for number in range(12))]
    titles.insert(9, PAPER)
    rows = [[f"{name}{column}" for column in range(14)] for name in "ab"]
    first, second = tabulars(latex([Section("wide", titles, rows)]))
    assert len(first[0]) == 8 and len(second[0]) == 7
    # m7 stays with what the paper has of it
    assert second[1][1][1][:3] == ["", "ours", "paper"]
    assert [row[1][0] for row in second[1][2:]] == ["a0", "b0"]


@given(st.text(alphabet="ab1 \\&%$#_{}~^<>|[]*-±."))
def test_no_special_character_is_left_alone(text):
    escaped = escape(text)
    rest = re.sub(r"\\text\w+\{\}|\$(\\pm|-)\$|\{[*\[]\}|\\[&%$#_{}]", "", escaped)
    assert not re.search(r"[\\&%$#_{}~^<>|\[*±]", rest)


def test_signs():
    assert escape("-0.50 [-1, +2]") == "$-$0.50 {[}$-$1, +2]"
    assert escape("1e-4 well-known 2-3") == "1e-4 well-known 2-3"


@pytest.mark.extra
def test_pdflatex_takes_it(tmp_path):
    body = latex([*sections(), HOSTILE])
    head = "\\documentclass{article}\n\\usepackage{booktabs, adjustbox}\n\\begin{document}\n"
    (tmp_path / "a.tex").write_text(f"{head}{body}\\end{{document}}\n")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
