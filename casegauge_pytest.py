"""The pytest plugin of casegauge: fixture and marker `casegauge`, option `--casegauge-seed`, `assert_rule_finds`.

One module of a name that nobody else has, which imports nothing of casegauge before a test asks for it: a suite that
does not use it starts as fast as before, and may have folders named synth, checks or benchmarks of its own.
"""

from __future__ import annotations

import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from benchmarks.finds import Finds
    from synth.bundle import Bundle
    from synth.spec import Scenario

__all__ = ["Casegauge", "assert_rule_finds"]

T = TypeVar("T")

NAMES = ("scenario", "n_cases", "regime", "seed")  # what the marker and the fixture take
PACKAGES = {"synth", "checks", "benchmarks"}
SCENARIO, N_CASES, SEED = "oig-20-13", 1000, 1
MOST_SEED = 2**64 - 1
_DIGITS = 40  # of a seed, zeros in front of it among them
MOST_CASES = 2**31
MOST_KEPT = 50_000  # cases kept for other tests of the session, about 150 MB
OPTION, INI = "--casegauge-seed", "casegauge_seed"


# ------------------------------------------------------------------------------------------------------- start of a run


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add `--casegauge-seed` and its setting in pytest's own file."""
    marked = getattr(getattr(pluginmanager, "rewrite_hook", None), "_must_rewrite", None)
    if isinstance(marked, set):  # pytest would rewrite the assertions of all that comes with a plugin, for seconds
        marked -= PACKAGES
    about = "seed of all cases whose test gives none, 0 to 2**64 - 1; default: of each test's own, from its node id"
    parser.getgroup("casegauge").addoption(OPTION, dest=INI, metavar="N", default=None, help=about)
    parser.addini(INI, f"as {OPTION}", default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and refuse a seed that is none."""
    config.addinivalue_line(
        "markers",
        "casegauge(scenario, n_cases, *, regime, seed): what the fixture `casegauge` gives where a test does not say.",
    )
    config.stash[_SEED] = _seed_of(config)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Tell a seed that was chosen."""
    seed = config.stash[_SEED]
    return None if seed is None else f"casegauge: seed {seed}"


def _seed_of(config: pytest.Config) -> int | None:
    for given, name in ((config.getoption(INI), OPTION), (config.getini(INI), INI)):
        if given not in {None, ""}:
            text = str(given).strip()
            if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= MOST_SEED):
                raise pytest.UsageError(f"{name} is {text[:_DIGITS]!r}; give a whole number from 0 to {MOST_SEED}.")
            return int(text)
    return None


# ------------------------------------------------------------------------------------------------- what a run remembers


class _Kept:
    """The cases of a session, for tests that ask for the same; of one worker, if there are several."""

    def __init__(self) -> None:
        self.bundles: OrderedDict[tuple[Any, ...], Bundle] = OrderedDict()
        self.scenarios: dict[tuple[str, int], Scenario] = {}

    def bundle(self, scenario: Scenario, n_cases: int, regime: str | None, seed: int) -> Bundle:
        """Return cases whose tables nobody else has; made once."""
        key = (scenario.digest, n_cases, scenario.base_regime if regime is None else regime, seed)
        if key not in self.bundles:
            pipeline = _part("synth.pipeline")
            self.bundles[key] = pipeline.generate(scenario, n_cases=n_cases, regime=regime, seed=seed)
            while len(self.bundles) > 1 and sum(kept.n_cases for kept in self.bundles.values()) > MOST_KEPT:
                self.bundles.popitem(last=False)
        self.bundles.move_to_end(key)
        kept = self.bundles[key]
        return replace(kept, records=dict(kept.records), answers=dict(kept.answers))

    def scenario(self, given: Scenario | str | Path) -> Scenario:
        """Return a scenario; a file is read again when it has changed."""
        if not isinstance(given, (str, Path)):
            return given
        path = Path(given)
        key = (str(given), path.stat().st_mtime_ns if path.suffix and path.is_file() else 0)
        if key not in self.scenarios:
            self.scenarios[key] = _part("synth.scenario").load_scenario(str(given))
        return self.scenarios[key]


_SEED = pytest.StashKey[int | None]()
_KEPT = pytest.StashKey[_Kept]()
_CALLS = pytest.StashKey[dict[str, bool]]()  # of a test: what it asked for, and whether the seed was its own


# ---------------------------------------------------------------------------------------------------------- the fixture


class Casegauge:
    """Fictional linked records of cases, with their answers: called for them by a test.

    Attributes:
        default_seed: the seed of this test: of `--casegauge-seed`, or else made of the node id.
        last_seed: the seed of the last cases asked for; None before.
    """

    def __init__(self, node: pytest.Item) -> None:
        __tracebackhide__ = True
        self._node = node
        chosen = node.config.stash[_SEED]
        self._by_node = chosen is None
        self.default_seed = seed_from_node_id(_node_id(node)) if chosen is None else chosen
        self.last_seed: int | None = None
        self._kept = node.config.stash.setdefault(_KEPT, _Kept())
        self._defaults = _marked(node)
        if {"scenario", "regime"} & set(self._defaults):
            self._check_marker()

    def __call__(
        self,
        scenario: Scenario | str | Path | None = None,
        n_cases: int | None = None,
        *,
        regime: str | None = None,
        seed: int | None = None,
    ) -> Bundle:
        """Return what `synth.generate` gives: the same cases whenever a test asks for the same.

        What one test does to the frames no other test sees. Where an argument is left out the marker decides, and
        without one: oig-20-13, 1,000 cases, the base regime and `default_seed`.

        Args:
            scenario: a scenario, or the name or path of one; a path counts from the test's folder, or the root's.
            n_cases: how many cases.
            regime: a regime of the scenario.
            seed: 0 to 2**64 - 1.
        """
        __tracebackhide__ = True
        given = {"scenario": scenario, "n_cases": n_cases, "regime": regime, "seed": seed}
        asked = {**self._defaults, **{name: value for name, value in given.items() if value is not None}}
        for name, value in asked.items():
            if fault := _fault(name, value):
                raise _error(f"{name} is {value!r}; {fault}.")
        return _plainly(lambda: self._bundle(asked))

    def _bundle(self, asked: dict[str, Any]) -> Bundle:
        seed = asked.get("seed", self.default_seed)
        source = self._near(asked.get("scenario", SCENARIO))
        loaded, n_cases, regime = self._kept.scenario(source), asked.get("n_cases", N_CASES), asked.get("regime")
        self.last_seed = seed
        call = f"casegauge({str(source)!r}" if isinstance(source, (str, Path)) else f"casegauge(<{loaded.scenario}>"
        call += f", {n_cases}{'' if regime is None else f', regime={regime!r}'}, seed={seed})"
        self._node.stash.setdefault(_CALLS, {})[call] = self._by_node and "seed" not in asked
        return self._kept.bundle(loaded, n_cases, regime, seed)

    def assert_rule_finds(
        self,
        rule: Any,
        defect: str,
        at_least: float = 1.0,
        *,
        field: str | Iterable[str] | None = None,
        system: str | None = None,
        scenario: Scenario | str | Path | None = None,
        n_cases: int | None = None,
        regime: str | None = None,
        seed: int | None = None,
    ) -> Finds:
        """Assert that rules find a share of a kind of planted defect; see `casegauge_pytest.assert_rule_finds`.

        Args:
            rule: a rule, a rule file (its path counts as that of a scenario), a schema, a function, a pack.
            defect: the kind.
            at_least: the share, over 0 up to 1.
            field: only defects in these fields count: `system.field` or `field`.
            system: only defects of this system count; rules that name no system are about it.
            scenario: as when called.
            n_cases: as when called.
            regime: as when called.
            seed: as when called.
        """
        __tracebackhide__ = True
        cases = self(scenario, n_cases, regime=regime, seed=seed)
        return assert_rule_finds(self._near(rule), defect, at_least, field=field, system=system, cases=cases)

    def _check_marker(self) -> None:
        """Refuse a scenario or a regime that is not there before the test runs."""
        __tracebackhide__ = True
        scenario = self._near(self._defaults.get("scenario", SCENARIO))
        try:
            _part("synth.pipeline").make_plan(self._kept.scenario(scenario), regime=self._defaults.get("regime"))
        except _part("synth.errors").CasegaugeError as problem:
            raise pytest.UsageError(f"casegauge: marker on {self._node.nodeid}: {problem}") from None

    def _near(self, given: Any) -> Any:
        """Return a relative path as one from the test's folder or the root folder, where there is such a file."""
        if isinstance(given, Path) or (isinstance(given, str) and "\n" not in given and Path(given).suffix):
            for folder in (self._node.path.parent, self._node.config.rootpath):
                if (folder / given).is_file():
                    return str(folder / given)
        return given

    def __repr__(self) -> str:
        return f"casegauge(default seed {self.default_seed}, last seed {self.last_seed})"


@pytest.fixture
def casegauge(request: pytest.FixtureRequest) -> Casegauge:
    """Fictional linked records whose truth is known: `casegauge("oig-20-13", 67).frames()["encounter"]`.

    The seed is made of the test's node id, so a test gets the same cases every time; --casegauge-seed sets another.
    """
    __tracebackhide__ = True
    _part("synth")
    return Casegauge(request.node)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Show, where a test failed, how to get its cases again."""
    outcome = yield
    report, calls = outcome.get_result(), item.stash.get(_CALLS, {})
    if calls and report.failed:
        lines = list(calls)
        if any(calls.values()):
            seed = seed_from_node_id(_node_id(item))
            lines.append(f'Again: pytest "{_node_id(item)}" {OPTION} {seed}')
        report.sections.append(("casegauge", "\n".join(lines)))


def seed_from_node_id(node_id: str) -> int:
    """Return the seed of a test: the first 32 bits of the SHA-256 of its node id.

    Examples:
        >>> seed_from_node_id("tests/test_rules.py::test_time")
        115055214
    """
    return int.from_bytes(hashlib.sha256(node_id.encode()).digest()[:4], "big")


def _node_id(node: pytest.Item) -> str:
    """Return a test's node id without the name of the group that xdist puts behind it."""
    groups = {
        str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))
        for mark in node.iter_markers("xdist_group")
    }
    return node.nodeid.removesuffix("@" + "_".join(sorted(groups))) if groups else node.nodeid


# ----------------------------------------------------------------------------------------------------------- the marker


def _marked(node: pytest.Item) -> dict[str, Any]:
    """Return what the markers of a test say, the nearest first; refuse what they cannot say."""
    __tracebackhide__ = True
    found: dict[str, Any] = {}
    for mark in node.iter_markers("casegauge"):
        if len(mark.args) > 2:
            raise _refusal(node, f"{mark.args!r} is too many; only scenario and n_cases go without a name")
        given = dict(zip(NAMES, mark.args, strict=False))
        for name, value in mark.kwargs.items():
            if name not in NAMES:
                raise _refusal(node, f"{name}={value!r}: there is no {name!r}. Possible: {', '.join(NAMES)}")
            if name in given:
                raise _refusal(node, f"{name} is given twice, as {given[name]!r} and as {value!r}")
            given[name] = value
        for name, value in given.items():
            if fault := _fault(name, value):
                raise _refusal(node, f"{name} is {value!r}; {fault}")
        found = {**given, **found}
    return found


def _refusal(node: pytest.Item, fault: str) -> pytest.UsageError:
    return pytest.UsageError(f"casegauge: marker on {node.nodeid}: {fault}.")


def _fault(name: str, value: Any) -> str:
    """Return what is wrong with an argument by its kind alone."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name == "n_cases" and not (whole and 1 <= value <= MOST_CASES):
        return f"give a whole number from 1 to {MOST_CASES}"
    if name == "seed" and not (whole and 0 <= value <= MOST_SEED):
        return f"give a whole number from 0 to {MOST_SEED}"
    if name == "regime" and not isinstance(value, str):
        return "give the name of a regime"
    if name == "scenario" and not (isinstance(value, (str, Path)) or hasattr(value, "base_regime")):
        return "give the name or the path of a scenario"
    return ""


# -------------------------------------------------------------------------------------------------------- the assertion


def assert_rule_finds(
    rule: Any,
    defect: str,
    at_least: float = 1.0,
    *,
    field: str | Iterable[str] | None = None,
    system: str | None = None,
    cases: Bundle | None = None,
) -> Finds:
    """Assert that rules find at least a share of the planted defects of a kind.

    Where they do not, the message tells the share and the first three cells they miss. A rule that flags everything
    finds everything: what is returned counts false alarms as well.

    Args:
        rule: a `checks.Rule`, several, a rule file of any format, a pandera schema or check, a function of a frame that
            says for each row whether it passes, or the name of a pack.
        defect: the kind: missing, disguised_missing, wrong_value ... (docs/glossary.md).
        at_least: the share, over 0 up to 1.
        field: only defects in these fields count: `system.field` or `field`, one or several.
        system: only defects of this system count; rules that name no system are about it.
        cases: generated cases; None: 1,000 cases of oig-20-13, seed 1.

    Returns:
        `share`, `n_planted`, `n_found`, `n_false_alarms`, and `missed` as a frame.

    Raises:
        AssertionError: they find less.
        CasegaugeError: an unknown word, rules that cannot be used, no such defect among the cases.

    Examples:
        >>> found = assert_rule_finds("required_25", "missing", field="encounter.encounter_time")
        >>> found.share
        1.0
    """
    __tracebackhide__ = True
    number = isinstance(at_least, (int, float)) and not isinstance(at_least, bool)
    if not (number and 0 < at_least <= 1):
        raise _error(f"at_least is {at_least!r}; give a share over 0 up to 1, as 0.9.")

    def found() -> Finds:
        bundle = _part("synth.pipeline").generate(SCENARIO, n_cases=N_CASES, seed=SEED) if cases is None else cases
        for package in ("checks", "benchmarks"):
            _part(package)
        finds: Finds = _part("benchmarks.finds").finds_of(rule, defect, bundle, field=field, system=system)
        return finds

    finds = _plainly(found)
    if finds.share < at_least:
        raise AssertionError(finds.shortfall(at_least))
    return finds


# ----------------------------------------------------------------------------------------------- casegauge, when needed


def _part(name: str) -> ModuleType:
    """Import a module of casegauge, unless another package of that name stands before it."""
    __tracebackhide__ = True
    package = name.partition(".")[0]
    own = Path(__file__).resolve().parent / package
    found = _place_of(package)
    if found is None or found.resolve() != own:
        raise pytest.UsageError(
            f"casegauge: {found or 'something without a folder'} stands before casegauge's own package {package!r}. "
            "Rename it, or take its parent folder off sys.path (import mode, pythonpath)."
        )
    return import_module(name)


def _place_of(package: str) -> Path | None:
    """Return the folder or file a package is imported from, without importing it."""
    loaded = sys.modules.get(package)
    try:
        spec = find_spec(package) if loaded is None else loaded.__spec__
    except (ImportError, ValueError):
        spec = None
    places = list(getattr(loaded, "__path__", None) or getattr(spec, "submodule_search_locations", None) or ())
    if places:
        return Path(places[0])
    origin = getattr(loaded, "__file__", None) or getattr(spec, "origin", None)
    return Path(origin) if origin else None


def _plainly(work: Callable[[], T]) -> T:
    """Return what some work gives; an error of casegauge is raised from here, so that a test shows its own line."""
    __tracebackhide__ = True
    try:
        return work()
    except ValueError as problem:
        if not isinstance(problem, _part("synth.errors").CasegaugeError):
            raise
        raise problem.with_traceback(None) from None


def _error(message: str) -> ValueError:
    """Return an error as casegauge has them."""
    __tracebackhide__ = True
    error: ValueError = _part("synth.errors").CasegaugeError(message)
    return error
