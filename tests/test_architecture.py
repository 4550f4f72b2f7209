"""What holds the parts apart: imports go downward, `import synth` is light, nothing local or foreign slips in."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("synth", "checks", "benchmarks")  # each may import itself and those before it
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
HEAVY = ("numpy", "pandas", "pyarrow", "pydantic", "hypothesis", "faker")
MOST_DISTRIBUTIONS = 40

# Written in pieces, so that this file does not hold what it looks for.
FOLDERS = (*(f"/{name}/" for name in ("home", "Users", "root", "work", "mnt")), "C:" + "\\Users")
HOSTS = tuple(".".join(parts) for parts in (
    ("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org"), ("conda", "anaconda", "org"),
    ("proxy", "golang", "org"), ("index", "crates", "io"),
))  # fmt: skip
INDEX_OPTIONS = ("--index" + "-url", "--extra-index" + "-url", "--trusted" + "-host")
FOREIGN = re.compile(r"hospital|beers|raha|grader|evaluator|hold_?out|answer_?leak|secret_?test", re.IGNORECASE)


def of_module(path):
    return path.relative_to(ROOT).as_posix()


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree):
    """Yield the full names of all modules a file imports, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def defined(tree):
    """Yield the functions, classes and names a file defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


# -------------------------------------------------------------------------------------------------------- import order


@pytest.mark.parametrize("path", MODULES, ids=of_module)
def test_imports_go_downward_only(path):
    package = path.relative_to(ROOT).parts[0]
    above = PACKAGES[PACKAGES.index(package) + 1 :]

    upward = [name for name in imported(tree_of(path)) if name.split(".")[0] in above]

    assert not upward, (
        f"{of_module(path)} imports {upward}; {package} may import {PACKAGES[: PACKAGES.index(package) + 1]}"
    )


@pytest.mark.parametrize("path", MODULES, ids=of_module)
def test_no_import_is_relative_and_no_package_imports_the_tests(path):
    tree = tree_of(path)

    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert not [name for name in imported(tree) if name.split(".")[0] in {"tests", "conftest", "pytest"}]


def test_modules_of_a_package_do_not_import_one_another_in_a_circle():
    names = {of_module(path)[:-3].replace("/", ".").removesuffix(".__init__"): path for path in MODULES}
    needs = {name: {other for other in eager(tree_of(path)) if other in names} - {name} for name, path in names.items()}

    while needs:
        free = {name for name, others in needs.items() if not others & set(needs)}
        assert free, f"these import one another in a circle: {sorted(needs)}"
        needs = {name: others for name, others in needs.items() if name not in free}


def eager(tree):
    """Yield the modules that are imported when a file is: top-level statements, not those for type checkers."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_pytest_plugin_imports_nothing_of_ours_and_nothing_heavy_at_its_top():
    """What it needs it imports when a test asks; names for type checkers stand under TYPE_CHECKING."""
    path = ROOT / "casegauge_pytest.py"
    names = {name.split(".")[0] for name in eager(tree_of(path))}

    assert not names & {*PACKAGES, *HEAVY}
    assert names <= {"pytest", "__future__", *sys.stdlib_module_names}
    for module in MODULES:
        assert "casegauge_pytest" not in set(imported(tree_of(module))), of_module(module)


def test_import_synth_is_light(run_python):
    """`import synth` loads none of the heavy libraries; the names it lists do when they are used."""
    loaded = run_python("import sys, synth; print(*sorted({name.split('.')[0] for name in sys.modules}))").split()

    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_of_a_package_can_be_had(package, run_python):
    said = run_python(f"import {package} as p; print(*[name for name in p.__all__ if not hasattr(p, name)])")

    assert said == ""


# -------------------------------------------------------------------------------------------------------------- names


def test_no_public_name_of_a_package_is_the_name_of_a_module_in_it():
    """A function lifted into its package would hide the module of its name, and the module could not be imported."""
    modules = {(path.parent, path.stem) for path in MODULES if path.stem != "__init__"}

    for init in (path for path in MODULES if path.stem == "__init__"):
        assert not [name for name in public_names(init) if (init.parent, name) in modules], of_module(init)


def test_no_module_and_function_have_one_name():
    found = set()
    for path in MODULES:
        functions = {node.name for node in tree_of(path).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        found |= {of_module(path)} if path.stem in functions else set()

    assert not found, f"rename the function or the module of {sorted(found)}"


def public_names(init):
    """Return the texts in the lists of names of an __init__."""
    return [
        node.value
        for node in ast.walk(tree_of(init))
        if isinstance(node, ast.Constant) and str(node.value).isidentifier()
    ]


@pytest.mark.parametrize("path", MODULES, ids=of_module)
def test_nothing_is_named_after_a_test_or_somebody_elses_data(path):
    names = {path.stem, *defined(tree_of(path))}

    assert not [name for name in names if name.lower().startswith("test") or FOREIGN.search(name)]


# --------------------------------------------------------------------------------------------------------- randomness


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[len(ROOT.parts)] == "synth"], ids=of_module)
def test_nothing_in_synth_is_random_but_its_own_draws(path):
    """No numpy.random, no random module, no clock and no global seed stand between a seed and a cell."""
    tree = tree_of(path)

    assert not {name.split(".")[0] for name in imported(tree)} & {"random", "secrets", "time", "uuid"}
    assert "numpy.random" not in set(imported(tree))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"random", "seed_everything", "default_rng", "RandomState", "now", "today"}
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not [call for call in calls if call.endswith(".seed")]


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[len(ROOT.parts)] == "synth"], ids=of_module)
def test_no_transcendental_function_of_numpy_stands_in_synth(path):
    """log, exp and power differ between processors in the last bit; synth uses whole numbers and decimals."""
    calls = {ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}

    assert not calls & {
        f"{owner}.{name}" for owner in ("np", "math", "pc") for name in ("log", "exp", "power", "sqrt", "sin")
    }


# ----------------------------------------------------------------------------------------------------------- packaging


def test_packages_are_those_of_pyproject():
    patterns = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    top_level = {path.stem for path in ROOT.glob("*.py")} - {"setup", "conftest"}

    assert {pattern.rstrip("*") for pattern in patterns} == set(PACKAGES) == found
    assert top_level == set(PROJECT["tool"]["setuptools"].get("py-modules", ()))
    assert {path.parent for path in MODULES} == {path.parent for path in MODULES if path.name == "__init__.py"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_shipped(package):
    patterns = PROJECT["tool"]["setuptools"]["package-data"][package]
    shipped = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
    others = {path for path in (ROOT / package).rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}

    assert others <= shipped, f"not in package-data: {[of_module(path) for path in sorted(others - shipped)]}"
    assert (ROOT / package / "py.typed").is_file()


def test_the_command_starts_where_pyproject_says():
    module, name = PROJECT["project"]["scripts"]["casegauge"].split(":")

    assert (ROOT / f"{module.replace('.', '/')}.py").is_file()
    assert name in set(defined(tree_of(ROOT / f"{module.replace('.', '/')}.py")))


def test_the_core_install_is_small():
    """At most 40 distributions come with `pip install casegauge`, itself among them, no extras."""
    found, waiting = set(), [Requirement(text) for text in PROJECT["project"]["dependencies"]]
    while waiting:
        wanted = waiting.pop()
        if (wanted.marker is None or wanted.marker.evaluate({"extra": ""})) and canonicalize_name(
            wanted.name
        ) not in found:
            found.add(canonicalize_name(wanted.name))
            waiting += [Requirement(text) for text in metadata.requires(wanted.name) or ()]

    assert len(found) + 1 <= MOST_DISTRIBUTIONS, sorted(found)


# ------------------------------------------------------------------------------------------------------ tracked files


def tracked():
    """Return the files of the repository: those git knows or would add; without git, all but what is made."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        made = {".venv", ".git", "build", "dist"}
        listed = [of_module(path) for path in ROOT.rglob("*") if not made & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in (ROOT / name for name in listed) if path.is_file())


def test_no_tracked_file_holds_a_path_of_somebodys_machine_or_the_host_of_a_registry():
    found = []
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # not text
        for number, line in enumerate(lines, 1):
            found += [
                f"{of_module(path)}:{number}: {part}" for part in (*FOLDERS, *HOSTS, *INDEX_OPTIONS) if part in line
            ]

    assert not found, "\n".join(found)


def test_the_repository_holds_no_generated_data():
    """Runs are made, not kept: no folder of records, no Parquet, no file above 1 MB."""
    for path in tracked():
        assert path.suffix != ".parquet", of_module(path)
        assert path.stat().st_size < 1_000_000, of_module(path)
        assert path.name != "manifest.json", of_module(path)
