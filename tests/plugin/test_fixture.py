"""The fixture `casegauge`: the same cases for the same test, wherever it runs, and nobody else's hands on them."""

import hashlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import casegauge_pytest
import synth
from synth.scenario import scenario_text

TELLING = """
import hashlib, pytest

def digest(bundle):
    text = "".join(f"{name}{table.to_pydict()}" for name, table in bundle.tables())
    return hashlib.sha256(text.encode()).hexdigest()

def tell(request, casegauge, bundle):
    with open(request.config.rootpath / "told.txt", "a") as file:
        file.write(f"{request.node.originalname} {casegauge.last_seed} {digest(bundle)}\\n")

def test_one(request, casegauge):
    tell(request, casegauge, casegauge("oig-20-13", 67))

@pytest.mark.parametrize("number", [1, 2])
def test_two(request, casegauge, number):
    tell(request, casegauge, casegauge("oig-20-13", 67))

@pytest.mark.xdist_group("slow")
def test_grouped(request, casegauge):
    tell(request, casegauge, casegauge("reference", 67))

class TestMethods:
    def test_one(self, request, casegauge):
        tell(request, casegauge, casegauge("oig-20-13", 67))
"""


@pytest.fixture
def told(suite, pytester):
    """Run the telling suite; return what its tests told, sorted."""

    def run(*options):
        (pytester.path / "told.txt").unlink(missing_ok=True)
        result = suite({"tests/test_telling.py": TELLING}, *options)
        result.assert_outcomes(passed=5)
        return sorted((pytester.path / "told.txt").read_text(encoding="utf-8").splitlines())

    return run


# ----------------------------------------------------------------------------------------------------------- the seed


def test_a_test_has_the_same_cases_in_any_order_in_workers_and_from_any_folder(told, pytester):
    alone = told()

    assert told("-n", "2") == alone
    assert told("-n", "2", "--dist", "loadgroup") == alone
    assert told("tests/test_telling.py::TestMethods", "tests/test_telling.py::test_two",
                "tests/test_telling.py::test_grouped", "tests/test_telling.py::test_one") == alone  # fmt: skip
    assert told("--import-mode=importlib") == alone
    assert len({line.split()[1] for line in alone}) == 5
    assert len({line.split()[2] for line in alone}) == 5


def test_the_seed_is_the_start_of_the_sha_256_of_the_node_id(told):
    seeds = {line.split()[1] for line in told()}

    expected = {
        str(int(hashlib.sha256(f"tests/test_telling.py::{name}".encode()).hexdigest()[:8], 16))
        for name in ("test_one", "test_two[1]", "test_two[2]", "test_grouped", "TestMethods::test_one")
    }
    assert seeds == expected


@given(st.text(min_size=1))
def test_a_seed_of_any_node_id_is_one_that_generate_takes(node_id):
    name = node_id.encode("utf-8", "replace").decode()

    assert 0 <= casegauge_pytest.seed_from_node_id(name) < 2**32


def test_a_failing_test_says_how_to_get_its_cases_again(suite, pytester):
    files = {
        "test_again.py": """
def test_fails(request, casegauge):
    first = casegauge("oig-20-13", 67).frames()["encounter"]["record_id"][0]
    given = casegauge("reference", 67, seed=11, regime="as_reported")
    with (request.config.rootpath / "seen.txt").open("a") as file:
        file.write(f"{first} {casegauge.default_seed} {casegauge.last_seed}\\n")
    assert casegauge.default_seed == "no"
def test_passes(casegauge):
    casegauge("oig-20-13", 67)
"""
    }
    result = suite(files)
    result.assert_outcomes(failed=1, passed=1)
    seed = re.search(r"--casegauge-seed (\d+)", result.stdout.str()).group(1)
    result.stdout.fnmatch_lines(
        [
            "*- casegauge -*",
            f"casegauge('oig-20-13', 67, seed={seed})",
            "casegauge('reference', 67, regime='as_reported', seed=11)",
            f'Again: pytest "test_again.py::test_fails" --casegauge-seed {seed}',
        ]
    )

    suite(files, "test_again.py::test_fails", "--casegauge-seed", seed)

    once, again = (pytester.path / "seen.txt").read_text(encoding="utf-8").splitlines()
    assert once == again
    assert once.split()[1:] == [seed, "11"]


def test_a_seed_that_is_given_wins_over_the_option_the_option_over_the_file_the_file_over_the_node_id(suite):
    files = {
        "pytest.ini": "[pytest]\ncasegauge_seed = 5\n",
        "test_order.py": """
import pytest
@pytest.mark.casegauge("reference", 67, seed=8)
def test_marked(casegauge):
    casegauge()
    assert casegauge.last_seed == 8
    casegauge(seed=9)
    assert casegauge.last_seed == 9
def test_file(casegauge):
    casegauge("reference", 67)
    assert casegauge.default_seed == casegauge.last_seed == 5
""",
    }
    suite(files).assert_outcomes(passed=2)
    result = suite(files, "--casegauge-seed=6")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["casegauge: seed 6", "*assert 6 == 5*", "casegauge('reference', 67, seed=6)"])
    assert "Again:" not in result.stdout.str()


@pytest.mark.parametrize("seed", ["abc", "-1", str(2**64)])
def test_a_bad_seed_is_refused_in_one_line_before_a_test_runs(suite, seed):
    result = suite({"test_it.py": "def test_it(): pass"}, f"--casegauge-seed={seed}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = [line for line in result.stderr.lines if line.strip()]
    assert said == [f"ERROR: --casegauge-seed is {seed!r}; give a whole number from 0 to {2**64 - 1}."]


def test_a_bad_seed_in_the_file_is_refused(suite):
    result = suite({"pytest.ini": "[pytest]\ncasegauge_seed = soon\n", "test_it.py": "def test_it(): pass"})

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: casegauge_seed is 'soon'; give a whole number from 0 to *"])


# ------------------------------------------------------------------------------------------------------- what it gives


def test_it_gives_what_generate_gives(suite, pytester):
    suite({
        "test_same.py": """
import json
def test_same(casegauge, request):
    bundle = casegauge("shelter-intake", 50, regime="all_required", seed=3)
    tables = {name: table.to_pydict() for name, table in bundle.tables()}
    (request.config.rootpath / "given.json").write_text(json.dumps(tables, default=str))
"""
        .replace("all_required", list(synth.load_scenario("shelter-intake").regimes)[1])
    }).assert_outcomes(passed=1)  # fmt: skip
    regime = list(synth.load_scenario("shelter-intake").regimes)[1]
    made = synth.generate("shelter-intake", n_cases=50, regime=regime, seed=3)

    given_tables = json.loads((pytester.path / "given.json").read_text(encoding="utf-8"))
    assert given_tables == {name: json.loads(json.dumps(t.to_pydict(), default=str)) for name, t in made.tables()}


def test_what_one_test_changes_no_other_test_sees(suite):
    files = {
        "test_hands.py": """
import pytest
@pytest.mark.parametrize("turn", range(3))
def test_hands(casegauge, turn):
    cases = casegauge("oig-20-13", 67, seed=1)
    frames, labels = cases.frames(), cases.answer("labels")
    assert frames["encounter"]["encounter_date"].notna().any()
    assert len(labels) > 50 and "encounter" in cases.records and "truth" in cases.answers
    frames["encounter"].loc[:, :] = None
    for name in frames["casework"].columns:
        frames["casework"].loc[0, name] = frames["casework"][name].iloc[-1]
    labels.drop(labels.index, inplace=True)
    cases.records.clear()
    cases.answers.clear()
    again = casegauge("oig-20-13", 67, seed=1)
    assert again.frames()["encounter"]["encounter_date"].notna().any()
""",
        "conftest.py": """
import pytest
@pytest.fixture(autouse=True)
def counted(monkeypatch):
    yield
def pytest_sessionfinish(session):
    print("made", len(session.config.stash.get(__import__("casegauge_pytest")._KEPT, None).bundles))
""",
    }
    result = suite(files, "-s")

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*made 1"])


def test_no_more_than_so_many_cases_are_kept(suite):
    result = suite(
        {
            "test_many.py": """
import casegauge_pytest
casegauge_pytest.MOST_KEPT = 150
def test_many(casegauge, request):
    kept = request.config.stash[casegauge_pytest._KEPT].bundles
    for seed in range(5):
        casegauge("reference", 67, seed=seed)
    assert len(kept) == 2
    casegauge("reference", 200, seed=1)
    assert [bundle.n_cases for bundle in kept.values()] == [200]
"""
        }
    )

    result.assert_outcomes(passed=1)


def test_a_path_counts_from_the_folder_of_the_test_or_the_root(suite, pytester):
    text = scenario_text("reference")
    files = {
        "tests/deep/own.yaml": text.replace("scenario: reference", "scenario: own"),
        "shared.yaml": text.replace("scenario: reference", "scenario: shared"),
        "tests/deep/test_paths.py": """
from pathlib import Path
from synth import load_scenario
def test_paths(casegauge):
    for given in ("own.yaml", Path("own.yaml"), "shared.yaml", load_scenario("reference")):
        assert casegauge(given, 10).plan.scenario.scenario == Path(getattr(given, "scenario", given)).stem
""",
    }
    suite(files, "--rootdir", str(pytester.path), "tests/deep").assert_outcomes(passed=1)


# ----------------------------------------------------------------------------------------------------------- the marker

MARKED = """
import pytest
pytestmark = pytest.mark.casegauge("reference", 30, seed=1)
def asked(bundle):
    return bundle.plan.scenario.scenario, bundle.n_cases, bundle.plan.regime, bundle.plan.draws.seed
def test_module(casegauge):
    assert asked(casegauge()) == ("reference", 30, "optional", 1)
@pytest.mark.casegauge(n_cases=40)
class TestClass:
    def test_class(self, casegauge):
        assert asked(casegauge()) == ("reference", 40, "optional", 1)
    @pytest.mark.casegauge("oig-20-13", regime="all_25", seed=0)
    def test_nearest(self, casegauge):
        assert asked(casegauge()) == ("oig-20-13", 40, "all_25", 0)
        assert asked(casegauge(n_cases=20, seed=2)) == ("oig-20-13", 20, "all_25", 2)
@pytest.mark.casegauge
def test_bare(casegauge):
    assert asked(casegauge()) == ("reference", 30, "optional", 1)
"""


def test_the_nearest_marker_says_what_a_call_does_not(suite):
    suite({"test_marked.py": MARKED}, "--strict-markers", "--strict-config", "-W", "error").assert_outcomes(passed=4)


BAD_MARKERS = [
    ("n_cases='67'", "n_cases is '67'; give a whole number from 1 to 2147483648"),
    ("n_cases=0", "n_cases is 0; give a whole number from 1 to"),
    ("n_cases=True", "n_cases is True; give a whole number"),
    ("seed=-1", "seed is -1; give a whole number from 0 to 18446744073709551615"),
    ("seed=None", "seed is None; give a whole number"),
    ("'oig-2013'", "unknown scenario 'oig-2013'. Did you mean 'oig-20-13'?"),
    ("67", "scenario is 67; give the name or the path of a scenario"),
    ("regime='all_26'", "unknown regime 'all_26'. Did you mean 'all_25'?"),
    ("regime=25", "regime is 25; give the name of a regime"),
    ("'oig-20-13', 67, 'all_25'", "('oig-20-13', 67, 'all_25') is too many; only scenario and n_cases go without"),
    ("cases=67", "cases=67: there is no 'cases'. Possible: scenario, n_cases, regime, seed"),
    ("'reference', scenario='oig-20-13'", "scenario is given twice, as 'reference' and as 'oig-20-13'"),
    ("'none.yaml'", "none.yaml"),
]


def test_a_marker_that_cannot_be_is_an_error_at_setup_in_one_line(suite):
    tests = [
        f"@pytest.mark.casegauge({marker})\ndef test_{place}(casegauge):\n    pass\n"
        for place, (marker, _) in enumerate(BAD_MARKERS)
    ]
    result = suite({"test_bad.py": "\n".join(["import pytest", *tests, "def test_good(): pass"])})

    result.assert_outcomes(errors=len(BAD_MARKERS), passed=1)
    lines = [line for line in result.outlines if line.startswith("E ")]
    assert len(lines) == len(BAD_MARKERS), result.stdout.str()
    for place, (line, (_, said)) in enumerate(zip(lines, BAD_MARKERS, strict=True)):
        assert line.startswith(f"E   pytest.UsageError: casegauge: marker on test_bad.py::test_{place}: ")
        assert said in line


BAD_CALLS = [
    ("'oig'", "unknown scenario 'oig'. Possible: "),
    ("'oig-20-13', '67'", "n_cases is '67'; give a whole number from 1 to 2147483648."),
    ("'oig-20-13', 2**40", "n_cases is 1099511627776; give a whole number from 1 to 2147483648."),
    ("'oig-20-13', 67, seed='x'", "seed is 'x'; give a whole number from 0 to 18446744073709551615."),
    ("'oig-20-13', 67, regime='all_26'", "unknown regime 'all_26'. Did you mean 'all_25'?"),
]


def test_a_call_that_cannot_be_shows_the_tests_own_line_and_one_line_of_error(suite):
    tests = [f"def test_{place}(casegauge):\n    casegauge({call})\n" for place, (call, _) in enumerate(BAD_CALLS)]
    result = suite({"test_bad.py": "\n".join(tests)})

    result.assert_outcomes(failed=len(BAD_CALLS))
    errors = [line for line in result.outlines if line.startswith("E ")]
    assert [line for line in result.outlines if line.startswith(">")] == [
        f">       casegauge({call})" for call, _ in BAD_CALLS
    ]
    assert len(errors) == len(BAD_CALLS)
    for line, (_, said) in zip(errors, BAD_CALLS, strict=True):
        assert said in line
