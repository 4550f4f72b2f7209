"""Settings: one choice of every parameter of how people fill forms. The central one, both ends of each, and a sweep.

A setting holds a place between 0 (low) and 1 (high) for every parameter, with .5 at the central value; a row of the
list may narrow the range in which that place is read. All fields of a form share a setting: in one the writers are
more honest than in another, everywhere. A sweep is a way to look at the range; it is no distribution of anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt

from benchmarks.settings import parameter_named
from synth.behaviour import Parameter
from synth.draws import Draws
from synth.errors import DataError

F64 = npt.NDArray[np.float64]

SHARES = ("q_placeholder", "q_wrong", "q_copy")
USED = (
    "k", "v", "u", "slips", "h0", *SHARES, "c", "c_stable", "w", "x0", "alpha", "divert", "beta", "m0", "nu", "tau",
    "override", "misfit", "z", "seconds_pick", "seconds_typed", "seconds_evasion",
)  # fmt: skip
OMEGA = "omega"
PLACED = (*(name for name in USED if name not in SHARES), OMEGA)
OMEGA_RANGE = (0.5, 1.0, 2.0)  # a modeller's choice
WEIGHT = 20  # of the shares of evasions, as a Dirichlet: central shares 8, 7 and 5 of 20
MOST_SETTINGS = 20_000


@dataclass(frozen=True)
class Settings:
    """Places of all parameters, shape (n,) each: central first, then two ends a parameter, then the sweep.

    Attributes:
        behaviour: low, central and high of each parameter.
        omega_range: low, central and high of the harm of one hidden wrong entry, in units of one right entry.
        places: by parameter, 0 = low, .5 = central, 1 = high.
        shares: of evasions, by `SHARES`; they add up to 1 in every setting.
        ends: parameter and end of settings 1, 2, ...
        n_swept: how many settings of the sweep follow.
    """

    behaviour: Mapping[str, Parameter]
    omega_range: tuple[float, float, float]
    places: Mapping[str, F64]
    shares: Mapping[str, F64]
    ends: tuple[tuple[str, str], ...]
    n_swept: int

    def __len__(self) -> int:
        """Return how many settings there are, the central one and the ends included."""
        return 1 + len(self.ends) + self.n_swept

    @property
    def swept(self) -> slice:
        """Where the sweep stands."""
        return slice(1 + len(self.ends), len(self))

    def range_of(self, name: str) -> tuple[float, float, float]:
        """Return low, central and high of a parameter."""
        found = self.behaviour[name]
        return float(found.low), float(found.central), float(found.high)

    def value(self, name: str, between: tuple[float, float, float] | None = None) -> F64:
        """Return a parameter in every setting, shape (n,).

        Args:
            name: one of `PLACED`, or a share.
            between: low, central, high to read its place in; None: its own.
        """
        if name in SHARES:
            return self.shares[name]
        if name == OMEGA:  # a ratio: as far to its half as to its double
            low, central, high = (float(np.log(end)) if end > 0 else -np.inf for end in self.omega_range)
            if low == -np.inf:
                return _between(self.places[name], self.omega_range)
            return np.exp(_between(self.places[name], (low, central, high)))
        return _between(self.places[name], self.range_of(name) if between is None else between)

    def central(self) -> Settings:
        """Return the central setting alone."""
        first = slice(0, 1)
        places = {name: value[first] for name, value in self.places.items()}
        return replace(
            self, places=places, shares={name: value[first] for name, value in self.shares.items()}, ends=(), n_swept=0
        )


def _between(place: F64, ends: tuple[float, float, float]) -> F64:
    low, central, high = ends
    return np.where(place < 0.5, low + 2 * place * (central - low), central + (2 * place - 1) * (high - central))


def make_settings(
    behaviour: Mapping[str, Parameter],
    *,
    n_settings: int = 1000,
    seed: int = 1,
    omega: tuple[float, float, float] = OMEGA_RANGE,
) -> Settings:
    """Return the central setting, both ends of every parameter one at a time, and a seeded sweep.

    In the sweep half of the settings lie below the central value of a parameter and half above, evenly on each side;
    parameters are drawn independently; the shares of evasions are a Dirichlet around their central values.

    Args:
        behaviour: all of `USED`, as `synth.behaviour.known_parameters()`.
        n_settings: of the sweep; each is the same whatever their number.
        seed: of the sweep.
        omega: low, central and high.

    Examples:
        >>> from synth.behaviour import known_parameters
        >>> settings = make_settings(known_parameters(), n_settings=4)
        >>> float(settings.value("h0")[0]), settings.ends[:2], len(settings.value("h0")) == len(settings)
        (0.55, (('k', 'low'), ('k', 'high')), True)
    """
    varied = [name for name in USED if behaviour[name].low < behaviour[name].high]
    varied += [OMEGA] if omega[0] < omega[2] else []
    ends = tuple((name, end) for name in varied for end in ("low", "high"))
    n_first = 1 + len(ends)
    draws, index = Draws(seed), np.arange(n_settings)
    places = {}
    for name in PLACED:
        swept = (draws.u32(f"decide/{name}", index) + 0.5) / 2.0**32
        places[name] = np.concatenate([np.full(n_first, 0.5), swept])
        for at, (which, end) in enumerate(ends, 1):
            if which == name:
                places[name][at] = float(end == "high")
    central = _shares_of({name: float(behaviour[name].central) for name in SHARES})
    firsts = [central]
    for which, end in ends:
        given = float(getattr(behaviour[which], end)) if which in SHARES else None
        firsts.append(central if given is None else _with_share(central, which, given))
    swept_shares = _dirichlet(draws, n_settings, behaviour, central)
    shares = {
        name: np.concatenate([[first[name] for first in firsts], swept_shares[name]]).astype(np.float64)
        for name in SHARES
    }
    return Settings(behaviour, omega, places, shares, ends, n_settings)


def _shares_of(given: Mapping[str, float]) -> dict[str, float]:
    total = sum(given.values())
    if total <= 0:
        raise DataError(f"{', '.join(SHARES)} are all 0; of evasions, the kinds must add up to something.")
    return {name: share / total for name, share in given.items()}


def _with_share(central: Mapping[str, float], name: str, share: float) -> dict[str, float]:
    """Return shares with one of them set; the others keep their proportion."""
    rest = 1 - central[name]
    others = {other: (1 - share) * (value / rest if rest else 0.5) for other, value in central.items() if other != name}
    return {**others, name: share}


def _dirichlet(
    draws: Draws, n: int, behaviour: Mapping[str, Parameter], central: Mapping[str, float]
) -> dict[str, F64]:
    """Return shares drawn around their central values; a share whose range is one value keeps it.

    A gamma variate of a whole number of degrees is a sum of that many exponential ones.
    """
    fixed = {name: central[name] for name in SHARES if behaviour[name].low == behaviour[name].high}
    drawn: dict[str, F64] = {}
    for name in SHARES:
        if name not in fixed:
            degrees = max(1, round(WEIGHT * central[name]))
            words = draws.u32(f"decide/{name}", np.arange(n * degrees)).reshape(n, degrees)
            drawn[name] = -np.log((words + 0.5) / 2.0**32).sum(axis=1)
    total = sum(drawn.values(), np.zeros(n))
    left = 1 - sum(fixed.values())
    found = {name: np.full(n, share) for name, share in fixed.items()}
    for name, values in drawn.items():
        found[name] = left * values / total
    return found if drawn else {name: values / sum(fixed.values()) for name, values in found.items()}


def with_parameters(behaviour: Mapping[str, Parameter], given: Sequence[str]) -> dict[str, Parameter]:
    """Return parameters with some of them set to a value or a range of your own.

    Args:
        behaviour: the parameters by name.
        given: texts such as `h0=0.4`, `h=0.4` or `h0=0.3:0.5`. Shares of evasions that are not given keep their
            proportions in what is left.

    Raises:
        DataError: a text of another form, a rate above 1, a parameter twice, shares of evasions that cannot sum to 1.
        ScenarioError: a parameter that `decide` does not use.

    Examples:
        >>> from synth.behaviour import known_parameters
        >>> found = with_parameters(known_parameters(), ["h0=0.3:0.5", "nu=0.8"])
        >>> str(found["h0"].central), str(found["nu"].low)
        ('0.4', '0.8')
    """
    found = dict(behaviour)
    said: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        name = parameter_named(name.strip(), USED, f"--param {text}: decide uses no parameter")
        if name in said:
            raise DataError(f"--param {text}: {name} is given twice, first as {said[name]}. Give it once.")
        said[name] = text
        low, central, high = _three(value, f"--param {text}") if sign else _none(text)
        if high > 1 and not name.startswith(("seconds", "m0")):
            raise DataError(f"--param {text}: {high} is above 1; {name} is a chance or a share. Give 0 to 1.")
        found[name] = replace(found[name], low=low, central=central, high=high, grade="U", anchor="your own")
    given_shares = [name for name in SHARES if name in said]
    return _with_rest(found, given_shares) if given_shares else found


def _with_rest(behaviour: dict[str, Parameter], given: Sequence[str]) -> dict[str, Parameter]:
    """Return parameters in which the shares of evasions that are not given keep their proportions in what is left."""
    others = [name for name in SHARES if name not in given and behaviour[name].central > 0]
    least, most = (sum((getattr(behaviour[name], end) for name in given), Decimal(0)) for end in ("low", "high"))
    if least > 1 or (most < 1 and not others):
        told = " + ".join(f"{name} {behaviour[name].low if least > 1 else behaviour[name].high}" for name in given)
        raise DataError(
            f"--param: {told} is {least if least > 1 else most}; the shares of evasions ({', '.join(SHARES)}) sum to "
            "1. Give those that change as well."
        )
    left = max(Decimal(0), 1 - sum((behaviour[name].central for name in given), Decimal(0)))
    before = sum((behaviour[name].central for name in others), Decimal(0))
    found = dict(behaviour)
    for name in others:
        low, central, high = (
            min(Decimal(1), getattr(behaviour[name], end) * left / before) for end in ("low", "central", "high")
        )
        found[name] = replace(behaviour[name], low=low, central=central, high=high)
    return found


def omega_of(text: str) -> tuple[float, float, float]:
    """Read the harm of a hidden wrong entry: one number, or low:high (central: the geometric middle) or three.

    Examples:
        >>> omega_of("1"), omega_of("0.5:2"), omega_of("0:1:4")
        ((1.0, 1.0, 1.0), (0.5, 1.0, 2.0), (0.0, 1.0, 4.0))
    """
    low, central, high = map(float, _three(text, f"--omega {text}"))
    if high > 1000:
        raise DataError(f"--omega {text}: at most 1000. It is the harm of one hidden wrong entry in right entries.")
    if text.count(":") == 1 and low > 0:
        central = float(np.sqrt(low * high))
    return low, central, high


def _three(text: str, what: str) -> tuple[Decimal, Decimal, Decimal]:
    parts = text.replace(",", ".").split(":")
    try:
        numbers = [Decimal(part.strip()) for part in parts]
    except InvalidOperation:
        numbers = []
    if not 1 <= len(numbers) <= 3 or any(not number.is_finite() or number < 0 for number in numbers):
        raise DataError(f"{what}: give a number of 0 or more, as 0.4, or a range, as 0.3:0.5.")
    if sorted(numbers) != numbers:
        raise DataError(f"{what}: the numbers do not rise. Put the low end first.")
    if len(numbers) == 2:
        return numbers[0], (numbers[0] + numbers[1]) / 2, numbers[1]
    return numbers[0], numbers[len(numbers) // 2], numbers[-1]


def _none(text: str) -> tuple[Decimal, Decimal, Decimal]:
    raise DataError(f"--param {text}: has no value. Write {text.strip()}=0.4 or {text.strip()}=0.3:0.5.")
