"""What a version generates is pinned: a change of bytes is a decision that somebody takes and writes down."""

import json

import pytest
from fingerprints import COMMAND, FILE, N_CASES, SEED, digest

from synth.export import VERSION
from synth.pipeline import generate
from synth.scenario import load_scenario, scenario_names

PINNED = json.loads(FILE.read_text(encoding="utf-8"))
WHAT_TO_DO = (
    "\n{what}\nReproducible runs of version {version} end here: whoever kept a seed gets other records. "
    f"If that is meant, say so in a line of CHANGELOG.md (Changed) and run `{COMMAND}`; "
    "if not, look for what changed the draws."
)


def test_every_scenario_and_regime_is_pinned():
    """Of each shipped scenario every regime, and none that is not there."""
    shipped = {name: set(load_scenario(name).regimes) for name in scenario_names()}

    assert {name: set(pinned["regimes"]) for name, pinned in PINNED.items()} == shipped, f"Run `{COMMAND}`."


@pytest.mark.parametrize("name", scenario_names())
def test_a_version_generates_what_it_always_did(name):
    """670 cases of seed 1 under every regime have the content digests that are written down."""
    pinned, scenario = PINNED[name], load_scenario(name)
    assert pinned["version"] == VERSION, f"A new version has its own fingerprints. Run `{COMMAND}`."
    same_file = pinned["scenario_digest"] == scenario.digest
    changed = "The scenario file says something else." if not same_file else "The same file gives other content."
    for regime in scenario.regimes:
        found = digest(generate(name, n_cases=N_CASES, seed=SEED, regime=regime))

        assert found == pinned["regimes"].get(regime), WHAT_TO_DO.format(
            what=f"{name} under {regime}, {N_CASES} cases of seed {SEED}: {changed}", version=VERSION
        )
