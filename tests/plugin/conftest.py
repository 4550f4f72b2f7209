"""Suites of other people, run in a process and a folder of their own."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def suite(pytester, monkeypatch):
    """Write the files of a suite, run its tests, return what pytest said; as an install does, the plugin is there."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    installed = any(point.value == "casegauge_pytest" for point in metadata.entry_points(group="pytest11"))
    if not installed:  # a checkout installed before the plugin was there
        monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(files, *options, plugin=True):
        for name, text in files.items():
            path = pytester.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if not (pytester.path / "pytest.ini").exists():
            (pytester.path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        load = ["-p", "casegauge_pytest"] if plugin and not installed else []
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *load, *options)

    return run


@pytest.fixture
def run_script(tmp_path):
    """Run a script in an empty folder; return what it printed."""

    def run(code):
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
