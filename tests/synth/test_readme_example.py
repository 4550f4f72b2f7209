"""The README's Hypothesis example fails as the README says."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readme_example_shrinks_to_the_case_it_shows(tmp_path):
    """Run by pytest, the example fails and prints the three lines that the README shows."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1]
    after = readme[readme.index("```python") :]
    shown = re.search(r"```text\n(.*?)```", after, re.DOTALL)[1].splitlines()
    (tmp_path / "test_example.py").write_text(example, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"]

    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run.returncode == 1
    assert [line for line in shown if line.strip() not in run.stdout] == []
