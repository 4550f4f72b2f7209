"""Invariant 5: one (scenario, seed, n, regime), one content, whatever the block, worker, process, format."""

import ast
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from fingerprints import EVERY, contents, digest, features_on, thresholds
from hypothesis import given
from hypothesis import strategies as st
from other_readers import needed, rows_of
from worlds import LOOK, SCENARIOS, SEEDS, SHIPPED, parsed, small

from synth.draws import Draws
from synth.export import FORMATS, write
from synth.pipeline import case, generate, make_plan, slice_of
from synth.scenario import scenario_names
from synth.verification import check_folder

SYNTH = Path(__file__).resolve().parents[2] / "synth"


def bytes_of(folder):
    """Every file of a folder: path -> SHA-256."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def by_case(bundle):
    """What a bundle holds of each case: case -> (its rows of every table, in order)."""
    links = bundle.answers["links"].to_pylist()
    case_of = {(link["system"], link["record_id"]): link["case_id"] for link in links}
    lost = {}
    found = {}
    for name, table in bundle.tables():
        folder, _, owner = name.partition("/")
        for row in table.to_pylist():
            key = row.get("case_id")
            if key is None:
                key = case_of.get((owner if folder == "records" else row["system"], row["record_id"]))
            (lost if key is None else found).setdefault(key, []).append((name, tuple(row.items())))
    return found


# Blocks, workers, processes, formats


@LOOK
@given(SCENARIOS, SEEDS, st.integers(1, 90), st.integers(1, 100), st.integers(1, 3), st.data())
def test_any_block_and_any_number_of_workers(scenario, seed, n_cases, block_size, workers, data):
    """The digest of a run does not depend on how many cases are worked on at a time, or by how many threads."""
    regime = data.draw(st.sampled_from(sorted(scenario.regimes)))
    whole = generate(scenario, n_cases=n_cases, seed=seed, regime=regime)
    parts = generate(scenario, n_cases=n_cases, seed=seed, regime=regime, block_size=block_size, workers=workers)

    assert digest(parts) == digest(whole)


@pytest.mark.parametrize(
    ("n_cases", "blocks"), [(70, (1, 67)), (4200, (67, 4095, 65_537)), (8200, (4095, 4096, 4097, 65_537))]
)
def test_listed_blocks_and_two_workers(n_cases, blocks):
    """Blocks of 1, 67, 4,095 and 65,537 cases, 1 and 2 workers: one digest."""
    digests = {
        digest(generate("oig-20-13", n_cases=n_cases, seed=9, regime="all_25", block_size=block, workers=workers))
        for block in blocks
        for workers in ((1, 2) if block > 1000 else (1,))
    }

    assert len(digests) == 1


@pytest.mark.slow
def test_more_than_one_piece_and_block():
    """70,000 cases, more than one block of 65,537 and one piece of a digest: one digest."""
    digests = {
        digest(generate("oig-20-13", n_cases=70_000, seed=9, block_size=block, workers=workers))
        for block, workers in ((4095, 1), (32_768, 2), (65_537, 1), (65_537, 2))
    }

    assert len(digests) == 1


@pytest.mark.parametrize(("name", "regime"), EVERY)
def test_every_scenario_and_regime_in_blocks(everything, name, regime):
    """700 cases of every shipped scenario under every regime: the digest does not depend on the block."""
    for block in (251, 699):
        parts = generate(name, n_cases=700, seed=77, regime=regime, block_size=block)

        assert digest(parts) == everything[f"{name}/{regime}"], block


@pytest.mark.parametrize("name", sorted({name for name, _ in EVERY}))
def test_every_scenario_by_two_workers(name):
    """4,300 cases, more than one chunk: one worker and two, each with blocks of its own."""
    digests = {
        digest(generate(name, n_cases=4300, seed=77, block_size=block, workers=workers))
        for block, workers in ((65_537, 1), (4096, 2), (1500, 2))
    }

    assert len(digests) == 1


@pytest.fixture(scope="module")
def everything():
    """What this process makes of 700 cases of every scenario and regime."""
    return contents(700, 77)


PROCESS_CODE = """
import json, sys
sys.path.insert(0, "tests")
from fingerprints import contents, features_on, thresholds
print(json.dumps([features_on(), thresholds(), contents(700, 77)]))
"""


@pytest.mark.parametrize(
    "environment",
    [*({"PYTHONHASHSEED": seed} for seed in ("0", "1", "random")), {"TZ": "Asia/Kathmandu", "LC_ALL": "C"}],
    ids=str,
)
def test_other_processes_give_the_same_content(run_python, everything, environment):
    """PYTHONHASHSEED 0, 1 and random, another time zone and locale change no threshold and no cell."""
    _, limits, found = json.loads(run_python(PROCESS_CODE, env=environment))

    assert limits == thresholds()
    assert found == everything


def test_processor_features_change_nothing(run_python, everything):
    """Without the vector features that numpy and Arrow use here, every threshold and every cell is the same."""
    of_numpy, of_arrow = features_on()
    if not of_numpy and of_arrow == "none":
        pytest.skip("this processor has no feature beyond the baseline of numpy and Arrow: nothing to switch off")
    environment = {"NPY_DISABLE_CPU_FEATURES": " ".join(of_numpy), "ARROW_USER_SIMD_LEVEL": "NONE"}
    still_on, limits, found = json.loads(run_python(PROCESS_CODE, env=environment))

    assert still_on == [[], "none"], "they were not switched off"
    assert limits == thresholds()
    assert found == everything


@pytest.mark.parametrize("file_format", [form for form in FORMATS if form != "duckdb"])
def test_files_are_byte_equal(tmp_path, file_format):
    """Two runs, other blocks and workers: every byte of every file is the same; DuckDB numbers its files itself."""
    needed(file_format)
    plan = make_plan("oig-20-13", seed=5)
    n_cases = 4500 if file_format != "xlsx" else 450
    for name, block, workers in (("a", 32_768, 1), ("b", n_cases // 9, 2), ("c", 67, 1)):
        write(plan, tmp_path / name, n_cases=n_cases, file_format=file_format, block_size=block, workers=workers)

    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b") == bytes_of(tmp_path / "c")


TWO_FORMS = """
scenario: two-forms
title: Two forms of two fields
about: for tests; most cells are gaps, so that labels are more than one piece too
mode: rate
base_regime: open
start: 2031-01-01
truth:
  no: {kind: reference, prefix: SYN-N}
  colour: {kind: choice, values: {red: 1, blue: 2}}
systems:
  one: {title: One, prefix: SYN-A, fields: {no: {stamped: yes}, colour: {needed: yes, pick_list: no}}}
  two: {title: Two, prefix: SYN-B, fields: {no: {stamped: yes}, colour: {needed: yes}}}
links: {no: {one: no, two: no}}
placeholders: {choice: ["N/A", "-"]}
not_values: [unknown]
operator: {k: 0.2, v: 0.7, slips: 0.06, m0: 1, q_placeholder: 0.40, q_wrong: 0.35, q_copy: 0.25}
regimes:
  open: {about: nothing is asked for}
"""


@pytest.mark.slow
@pytest.mark.parametrize("file_format", ["parquet", "csv", "jsonl", "sqlite"])
def test_files_of_more_than_one_piece_are_byte_equal(tmp_path, file_format):
    """The same beyond one piece of 65,536 rows, where tables take turns in one file; two forms of two fields do."""
    plan = make_plan(parsed(TWO_FORMS), seed=5)
    for name, block, workers in (("a", 65_537, 1), ("b", 9_000, 2)):
        write(plan, tmp_path / name, n_cases=66_000, file_format=file_format, block_size=block, workers=workers)

    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    assert check_folder(tmp_path / "a") == []


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("scenario", scenario_names())
def test_formats_hold_one_content(tmp_path, scenario, file_format):
    """Every format has the content digest of memory, and read by other libraries row for row the same cells."""
    needed(file_format)
    regime = max(make_plan(scenario).scenario.regimes)
    written = write(
        make_plan(scenario, seed=6, regime=regime), tmp_path / "x", n_cases=200, file_format=file_format,
        block_size=77, workers=2,
    )  # fmt: skip
    bundle = generate(scenario, n_cases=200, seed=6, regime=regime)

    assert written.content_digest == digest(bundle)
    assert json.loads((tmp_path / "x" / "manifest.json").read_text())["content_digest"] == digest(bundle)
    for name, table in bundle.tables():
        rows = table.to_pylist()
        if file_format == "csv":  # has no types: everything is text, and null is the empty text
            rows = [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]
        assert rows_of(tmp_path / "x", name) == rows, name
    assert check_folder(tmp_path / "x") == []


CHANGES = [("n_cases", 201), ("seed", 7), ("regime", "as_reported"), ("scenario", "reference")]


@pytest.mark.parametrize(("what", "value"), CHANGES)
def test_another_run_has_another_digest(what, value):
    """The digest changes with the number of cases, the seed, the regime and the scenario."""
    run = {"scenario": "oig-20-13", "n_cases": 200, "seed": 6, "regime": "all_25"}

    assert digest(generate(**run)) != digest(generate(**{**run, what: value}))


# One case alone


@LOOK
@given(SCENARIOS, SEEDS, st.integers(1, 200), st.data())
def test_one_case_alone_is_that_row_of_a_run(scenario, seed, n_cases, data):
    """A case generated by itself has the records and answers it has in the run."""
    regime = data.draw(st.sampled_from(sorted(scenario.regimes)))
    index = data.draw(st.integers(0, n_cases - 1))
    run = generate(scenario, n_cases=n_cases, seed=seed, regime=regime)
    alone = case(scenario, index, seed=seed, regime=regime, n_cases=n_cases)

    assert by_case(alone).get(index) == by_case(run).get(index)
    assert alone.answers["truth"]["case_id"].to_pylist() == [index]


@pytest.mark.parametrize(("name", "regime"), EVERY)
def test_one_case_of_every_scenario_and_regime(name, regime):
    """Cases 66, 350 and the last of 700, of which verdict blocks are whole and partial, alone and in the run."""
    run = by_case(generate(name, n_cases=700, seed=3, regime=regime))

    for index in (66, 350, 699):
        assert by_case(case(name, index, seed=3, regime=regime, n_cases=700)).get(index) == run.get(index)


@pytest.mark.parametrize("scenario", SHIPPED)
@pytest.mark.parametrize("index", [999_999_999, 999_999_990, 123_456_789])
def test_a_case_far_out_equals_its_row_of_a_slice(scenario, index):
    """Case 999,999,999 of 1,000,000,000 is the same alone and in a slice, the last partial block included."""
    n_cases = 10**9
    first, last = max(0, index - 40), min(n_cases, index + 30)
    plan = make_plan(scenario, seed=3)
    some = slice_of(plan, first, last, n_cases)

    assert by_case(case(scenario, index, seed=3, n_cases=n_cases))[index] == by_case(some)[index]


def test_no_number_of_cases_means_a_whole_block():
    """Without n a case is what it is in a run that ends with its verdict block."""
    alone = case("oig-20-13", 130, seed=8)

    assert by_case(alone) == {130: by_case(generate("oig-20-13", n_cases=134, seed=8))[130]}


def test_the_cost_of_a_case_does_not_grow_with_its_index(monkeypatch):
    """A case far out takes no more draws than an early one, and few of them."""
    drawn = []
    words = Draws.words
    monkeypatch.setattr(Draws, "words", lambda self, s, i: drawn.append(np.size(i)) or words(self, s, i))
    costs = []
    for index in (100, 5000, 10**6, 999_999_999):
        drawn.clear()
        case("oig-20-13", index, seed=3)
        costs.append(sum(drawn))

    assert max(costs) < 3000
    assert max(costs[2:]) <= 1.5 * max(costs[:2])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_one_case_takes_little_memory(run_python):
    """A process that makes case 999,999,999 of 1,000,000,000 stays under 200 MB."""
    code = (
        "from synth.pipeline import case\ncase('oig-20-13', 999_999_999, n_cases=10**9)\n"
        "print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])"
    )

    assert int(run_python(code)) < 200_000  # kB


# More cases


@LOOK
@given(SEEDS, st.integers(1, 200), st.integers(1, 150))
def test_more_cases_change_only_the_last_partial_block(seed, n_cases, more):
    """From n to n + k, cases before the last partial verdict block keep every record and answer."""
    before = by_case(generate("oig-20-13", n_cases=n_cases, seed=seed))
    after = by_case(generate("oig-20-13", n_cases=n_cases + more, seed=seed))

    assert all(after[index] == before[index] for index in range(n_cases - n_cases % 67))


@LOOK
@given(st.integers(1, 200), st.integers(1, 150), SEEDS)
def test_more_cases_change_nothing_without_quotas(n_cases, more, seed):
    """In rate mode a longer run begins with the shorter one."""
    scenario = small(mode="rate", verdicts="")
    before = by_case(generate(scenario, n_cases=n_cases, seed=seed))
    after = by_case(generate(scenario, n_cases=n_cases + more, seed=seed))

    assert all(after[index] == before[index] for index in range(n_cases))


# What the code may not use

FORBIDDEN = {
    "random", "exp", "expm1", "log", "log2", "log10", "log1p", "power", "float_power", "sqrt", "sin", "cos", "tan",
    "logaddexp", "cbrt", "tanh", "hypot", "default_rng", "RandomState", "Generator", "shuffle",
}  # fmt: skip
ALLOWED = {("honesty.py", "DIGITS.exp")}  # decimal arithmetic, once a regime


@pytest.mark.parametrize("path", sorted(SYNTH.glob("*.py")), ids=lambda path: path.name)
def test_no_hidden_randomness_and_no_rounding_function(path):
    """Synth calls no np.random, no random module, no hash() and no transcendental function, nor a clock."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    } | {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    attributes = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    named = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

    assert not imported & {"random", "secrets", "uuid", "time"}
    assert not named & {"hash", "id"}
    bad = {text for text in attributes if text.split(".")[-1] in FORBIDDEN and (path.name, text) not in ALLOWED}
    assert not bad or path.name in {"strategies.py", "faker_provider.py"}  # they draw for Hypothesis and Faker
    assert "math" not in imported or not any(text in {f"math.{n}" for n in FORBIDDEN} for text in attributes)


REDUCTIONS = {
    "sum", "mean", "average", "dot", "matmul", "inner", "vdot", "einsum", "tensordot", "prod", "cumsum", "cumprod",
    "std", "var", "interp", "quantile", "percentile", "linalg", "reduce", "accumulate",
}  # fmt: skip


def test_fits_add_floating_point_numbers_in_an_exact_way_only():
    """Tables are fitted with products, quotients and math.fsum; how numpy adds depends on the processor."""
    tree = ast.parse((SYNTH / "mechanisms.py").read_text(encoding="utf-8"))
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert "math.fsum" in used
    assert not {name for name in used if name.split(".")[-1] in REDUCTIONS} - {"math.prod"}  # of exact fractions
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.MatMult)]


@pytest.mark.parametrize("path", sorted(SYNTH.glob("*.py")), ids=lambda path: path.name)
def test_floating_point_numbers_become_thresholds_in_two_modules_only(path):
    """Elsewhere nothing is made a floating-point number, but to be shown in a message."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    shown = {
        inner for node in ast.walk(tree) if isinstance(node, ast.Raise | ast.JoinedStr) for inner in ast.walk(node)
    }
    made = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and ast.unparse(node.func) == "float" and node not in shown)
        or (isinstance(node, ast.Attribute) and node.attr in {"float16", "float32", "float64", "double", "longdouble"})
    ]

    assert not made or path.name in {"mechanisms.py", "processes.py", "consistency.py"}
