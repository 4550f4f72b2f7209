"""The rule files under examples/pairs reproduce what others published about the same data."""

import os
from pathlib import Path

import pytest

from benchmarks.pair_alignment import align_pair
from benchmarks.pairs import run_pair, score_pair
from checks import FunctionalDependency, NotNull, Rule, RuleSet
from checks.tables import read_csv

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
PAIRS, RULES = DATA / "pairs", REPOSITORY / "examples" / "pairs"
pytestmark = pytest.mark.skipif(
    not PAIRS.is_dir(),
    reason="the published data are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)

# Raha (SIGMOD 2019), table 5, column NADEEF: precision, recall, F1, to two decimals as printed there; shape, errors.
PUBLISHED = [
    ("raha-hospital", (0.05, 0.37, 0.09), (1000, 20, 509, 407)),
    ("raha-beers", (0.13, 0.06, 0.08), (2410, 11, 4362, 2410)),
]


def run(name, **given):
    return run_pair(PAIRS / name / "dirty.csv", PAIRS / name / "clean.csv", RULES / f"{name}.yaml", **given)


def rounded(counts):
    return tuple(round(value, 2) for value in (counts.precision, counts.sensitivity, counts.f1))


@pytest.mark.parametrize("steps", [None, ()], ids=["as the file says", "values as they are"])
@pytest.mark.parametrize(("name", "published", "shape"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_published_figures(name, published, shape, steps):
    """The example rule files give the published precision, recall and F1, with and without normalised values."""
    score = run(name, normalise=steps)

    assert rounded(score.overall) == published
    assert (score.n_rows, score.n_columns, score.n_wrong, score.n_wrong_rows) == shape


def test_flag_everything_on_beers():
    """Flagging every cell of beers gives precision .16, recall 1, F1 .28, better than the rules."""
    score = run("raha-beers")

    assert rounded(score.baselines["flag_everything"]) == (0.16, 1.0, 0.28)
    assert score.baselines["flag_everything"].f1 > score.overall.f1


def test_renamed_columns_are_matched_by_position():
    """Hospital's truth names its columns differently; they are matched by position, and the result says so."""
    (note,) = run("raha-hospital").notes

    assert note.startswith("columns matched by position: provider_number = ProviderNumber, name = HospitalName")


def test_legitimate_blanks_are_no_errors():
    """Of beers' 1,072 true blanks, those that are blank in the dirty file too are not wrong: flagging them is false."""
    dirty, truth = (read_csv(PAIRS / "raha-beers" / name) for name in ("dirty.csv", "clean.csv"))

    pair = align_pair(dirty, truth, align="position")
    blanks = int(pair.truth.isna().to_numpy().sum())
    both = int((pair.truth.isna() & pair.dirty.isna()).to_numpy().sum())

    score = score_pair(RuleSet("blank", tuple(Rule(name, NotNull(name)) for name in dirty.columns)), pair)
    assert blanks == 1072
    assert score.overall.n_fp == both


TOY = """
rules:
  - {id: given, not_null: Kingdom}
  - {id: name, pattern: {field: Kingdom, regex: '[A-Za-z ]+'}}
"""


def test_toy_by_hand(tmp_path):
    """Four kingdoms are wrong: two blank, 123 and Shire. Rules find the first three, and nothing else."""
    rules = tmp_path / "toy.yaml"
    rules.write_text(TOY, encoding="utf-8")

    score = run_pair(PAIRS / "raha-toy" / "dirty.csv", PAIRS / "raha-toy" / "clean.csv", rules)

    assert (score.n_wrong, score.n_wrong_rows) == (4, 4)
    assert (score.overall.n_tp, score.overall.n_fp, score.overall.n_fn) == (3, 0, 1)
    assert [rule.n_unique_finds for rule in score.rules] == [0, 1]


def dependencies(path):
    """HoloClean's denial constraints t1&t2&EQ(t1.A,t2.A)&...&IQ(t1.B,t2.B), each of which says A, ... -> B."""
    for number, line in enumerate(path.read_text(encoding="utf-8").split()):
        parts = [(part[:2], part.rpartition(".")[2].rstrip(")")) for part in line.split("&")[2:]]
        left = tuple(field for kind, field in parts if kind == "EQ")
        right = tuple(field for kind, field in parts if kind == "IQ")
        yield Rule(f"constraint {number}", FunctionalDependency(left, right))


def test_holoclean_hospital_in_long_form():
    """HoloClean's 15 constraints, with truth in long form, reach 435 of 509 wrong cells by flagging 11,038."""
    folder = PAIRS / "holoclean-hospital"
    pair = align_pair(read_csv(folder / "hospital.csv"), read_csv(folder / "hospital_clean.csv"), align="position")
    rules = tuple(dependencies(folder / "hospital_constraints.txt"))

    overall = score_pair(RuleSet("holoclean", rules), pair).overall

    assert len(rules) == 15
    assert pair.notes == ("truth read in long form (tid, attribute, correct_val)",)  # every cell is listed
    assert (overall.n_tp, overall.n_tp + overall.n_fn, overall.n_tp + overall.n_fp) == (435, 509, 11_038)
    measures = (overall.precision, overall.sensitivity, overall.f1)
    assert tuple(round(measure, 3) for measure in measures) == (0.039, 0.855, 0.075)


def test_holoclean_nulls_find_nothing():
    """Every one of its 2,227 blank cells is right, so a not-null rule adds 2,227 false flags and no find."""
    folder = PAIRS / "holoclean-hospital"
    dirty = read_csv(folder / "hospital.csv")
    pair = align_pair(dirty, read_csv(folder / "hospital_clean.csv"), align="position")

    score = score_pair(RuleSet("nulls", tuple(Rule(name, NotNull(name)) for name in dirty.columns)), pair)

    assert (score.overall.n_tp, score.overall.n_fp) == (0, 2227)


@pytest.mark.parametrize("change", ["shuffled", "one row less"])
def test_unaligned_truth_is_refused(tmp_path, change):
    """Beers' truth in another order, or short of a row, is refused."""
    truth = read_csv(PAIRS / "raha-beers" / "clean.csv")
    other = tmp_path / "clean.csv"
    changed = truth.sample(frac=1, random_state=1) if change == "shuffled" else truth.iloc[1:]
    changed.to_csv(other, index=False)

    with pytest.raises(ValueError, match="the pair is not aligned") as caught:
        run_pair(PAIRS / "raha-beers" / "dirty.csv", other, RULES / "raha-beers.yaml")

    assert "\n" not in str(caught.value)


def test_shuffled_truth_is_found_again_by_key(tmp_path):
    """With a key column the order of the truth does not matter."""
    truth = read_csv(PAIRS / "raha-beers" / "clean.csv")
    other = tmp_path / "clean.csv"
    truth.sample(frac=1, random_state=1).to_csv(other, index=False)

    score = run_pair(PAIRS / "raha-beers" / "dirty.csv", other, RULES / "raha-beers.yaml", align="key:index")

    assert score.overall == run("raha-beers").overall
