"""A suite that does not use the plugin starts as before, whatever its folders are called."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import casegauge_pytest

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = ("numpy", "pandas", "pyarrow", "hypothesis", "pydantic", "synth", "checks", "benchmarks")
LISTING = """
import sys
def pytest_unconfigure(config):
    print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}))
"""
PLAIN = "def test_plain(): pass\n"
USING = "def test_using(casegauge): casegauge('reference', 10)\n"
ASSERTING = "def test_asserting(casegauge): casegauge.assert_rule_finds('required_25', 'missing', at_least=0.01)\n"
INIT = "raise RuntimeError('this package of the suite is imported')\n"


def test_the_entry_point_is_a_module_of_a_name_of_its_own():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["entry-points"]["pytest11"] == {"casegauge": "casegauge_pytest"}
    assert project["tool"]["setuptools"]["py-modules"] == ["casegauge_pytest"]


def loaded_by(result):
    result.assert_outcomes(passed=1)
    return set(next(line for line in result.outlines if line.startswith("loaded ")).split())


def test_nothing_heavy_is_loaded_by_a_run_that_uses_nothing(suite):
    """Beside what pytest and the other plugins load, the plugin loads itself."""
    files = {"conftest.py": LISTING, "test_plain.py": PLAIN}
    others = ("-p", "no:pointblank", "-p", "no:faker", "-p", "no:hypothesispytest")

    loaded = loaded_by(suite(files, *others))
    without = loaded_by(suite(files, *others, "-p", "no:casegauge", plugin=False))

    assert loaded - without == {"casegauge_pytest"}
    assert not set(HEAVY) & loaded


def test_the_plugin_can_be_left_out(suite):
    result = suite({"conftest.py": LISTING, "test_plain.py": PLAIN}, "-p", "no:casegauge", plugin=False)

    result.assert_outcomes(passed=1)
    assert "casegauge_pytest" not in result.stdout.str()


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_a_suite_with_folders_of_our_names_runs_and_its_packages_are_not_imported(suite, mode):
    """Packages that would fail if anything imported them; the plugin of the suite does not."""
    files = {f"{name}/__init__.py": INIT for name in ("synth", "checks", "benchmarks")}

    suite({**files, "tests/test_plain.py": PLAIN}, f"--import-mode={mode}").assert_outcomes(passed=1)


@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_tests_inside_folders_of_our_names_run(suite, mode):
    files = {f"{name}/test_{name}.py": PLAIN for name in ("synth", "checks", "benchmarks")}
    packages = {f"{name}/__init__.py": "" for name in ("synth", "benchmarks")}

    suite({**files, **packages}, f"--import-mode={mode}").assert_outcomes(passed=3)


def test_a_folder_that_stands_before_ours_is_named_in_one_line_and_other_tests_run(suite, pytester):
    files = {"synth/__init__.py": INIT, "conftest.py": "", "test_both.py": PLAIN + USING}

    result = suite(files)

    result.assert_outcomes(passed=1, errors=1)
    lines = [line for line in result.outlines if line.startswith("E ")]
    assert lines == [
        f"E   pytest.UsageError: casegauge: {pytester.path / 'synth'} stands before casegauge's own package 'synth'. "
        "Rename it, or take its parent folder off sys.path (import mode, pythonpath)."
    ]


def test_another_package_already_imported_is_named_as_well(suite, pytester):
    files = {"synth.py": "", "conftest.py": "import synth\n", "test_both.py": PLAIN + USING}

    result = suite(files)

    result.assert_outcomes(passed=1, errors=1)
    assert (
        f"casegauge: {pytester.path / 'synth.py'} stands before casegauge's own package 'synth'." in result.stdout.str()
    )


def test_a_folder_named_checks_or_benchmarks_stops_the_assertion_alone(suite, pytester):
    files = {"checks/__init__.py": INIT, "conftest.py": "", "test_both.py": USING + ASSERTING}

    result = suite(files)

    result.assert_outcomes(passed=1, failed=1)
    lines = [line for line in result.outlines if line.startswith("E ")]
    assert len(lines) == 1
    assert f"casegauge: {pytester.path / 'checks'} stands before casegauge's own package 'checks'." in lines[0]


@pytest.mark.slow
def test_a_wheel_holds_the_module_and_the_entry_point(tmp_path):
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(tmp_path),
            str(ROOT),
        ],
        check=False,
        capture_output=True,
    )
    wheels = list(tmp_path.glob("*.whl"))
    if not wheels:
        pytest.skip("no wheel can be built here")
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = wheel.namelist()
        points = next(name for name in names if name.endswith("entry_points.txt"))

        assert "casegauge_pytest.py" in names
        assert "[pytest11]\ncasegauge = casegauge_pytest" in wheel.read(points).decode()


def test_pytest_is_asked_to_leave_the_assertions_of_our_packages_alone():
    """It marks all that is installed with a plugin, and so whatever has one of our names in a suite, too."""
    hook = SimpleNamespace(_must_rewrite={"synth", "checks", "benchmarks", "casegauge_pytest", "other"})
    nothing = SimpleNamespace(addoption=lambda *_, **__: None)
    parser = SimpleNamespace(getgroup=lambda _: nothing, addini=lambda *_, **__: None)

    casegauge_pytest.pytest_addoption(parser, SimpleNamespace(rewrite_hook=hook))
    casegauge_pytest.pytest_addoption(parser, SimpleNamespace())

    assert hook._must_rewrite == {"casegauge_pytest", "other"}
