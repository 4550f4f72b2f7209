"""What all tests share: the oracles in properties/ can be imported, and Hypothesis has no clock."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "properties")]

settings.register_profile(
    "casegauge", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("casegauge")


@pytest.fixture(scope="session")
def engine():
    """Import another tool to be compared with: skipped where it is not installed, failed where CI must have it."""

    def load(name):
        try:
            return importlib.import_module(name)
        except ImportError as problem:
            if os.environ.get("CI"):
                pytest.fail(f"{name} must be installed in CI: {problem}")
            pytest.skip(f"{name} is not installed: pip install 'casegauge[engines]'")

    return load


@pytest.fixture(scope="session")
def run_python():
    """Run Python code in a fresh process that imports this tree; give back what it printed."""

    def run(code, *, env=None, arguments=()):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            check=True,
            capture_output=True,
            text=True,
            env=environment,
            cwd=ROOT,
        )
        return done.stdout.strip()

    return run
