"""The command line: `casegauge COMMAND`. Each command is a module of `benchmarks.commands`, loaded when asked for.

Exit 0: done; 1: findings, where asked for; 2: bad input, told in one line; 130: stopped by the user.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import io
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from typing import NoReturn

from synth.errors import CasegaugeError, nearest

COMMANDS = {
    "run": "the main job: audit replica, rule scores, regimes and a report",
    "generate": "write fictional records with their answer key",
    "case": "print one case: truth, records, narratives, what is wrong and where",
    "compare": "put the same cases through several regimes",
    "calibrate": "bounds for how people fill forms, from your own counts after a mandate",
    "decide": "which fields of a form to require, from a list of its fields",
    "check": "check your own records with your own rules, whatever tool they were written for",
    "score": "score rules on generated records, against their answer key",
    "pair": "score a rule file on your own dirty and clean data",
    "mutate": "plant every kind of defect in your own clean data, and see which your rules notice",
    "scenario": "list, show or check scenarios",
    "rules": "list the built-in rule packs; translate a rule file; say what becomes of its rules",
    "verify": "check a generated folder, and work out its content digest again",
}


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line.

    Attributes:
        meant: what to say to an option that is not there but is often tried.
    """

    meant: Mapping[str, str] = {}

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage; an option that is not known gets the nearest that is."""
        _, unknown, rest = message.partition("unrecognized arguments: ")
        if unknown and rest.startswith("-"):
            name = rest.split()[0].partition("=")[0]
            options = [text.lstrip("-") for action in self._actions for text in action.option_strings]
            close = difflib.get_close_matches(name.lstrip("-"), options, n=1)  # dashes would make all alike
            hint = self.meant.get(name, f"Did you mean '--{close[0]}'?" if close else "")
            raise CasegaugeError(" ".join(f"there is no option {name}. {hint} See `{self.prog} --help`.".split()))
        raise CasegaugeError(f"{message}{'' if message.endswith('?') else '.'} See `{self.prog} --help`.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a sign shows "?" instead of failing
    try:
        if argv is None:
            signal.signal(
                signal.SIGTERM, signal.default_int_handler
            )  # a terminated run cleans up like an interrupted one
        if argv is None and arguments[:1] == ["case"]:
            _do_without_pandas()
        return _dispatch(arguments)
    except CasegaugeError as problem:
        return _fail(" ".join(str(problem).split()))
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  # the reader has gone
        return 0
    except OSError as problem:
        return _fail(f"{problem.filename or 'file'}: {problem.strerror or problem}. Check the path and try again.")
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as problem:
        if os.environ.get("CASEGAUGE_DEBUG"):
            raise
        what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
        return _fail(f"this input was not foreseen ({what}). Set CASEGAUGE_DEBUG=1 to see where, and tell the authors.")
    except KeyboardInterrupt:
        print("casegauge: stopped; nothing is left half-written.", file=sys.stderr)
        return 130


def _do_without_pandas() -> None:
    """Keep Arrow from loading pandas: one case needs none, and it would take a third of the time.

    Arrow looks for pandas once, when it first makes an array; only a process of its own may be told there is none.
    """
    sys.meta_path.insert(0, _NoPandas())


class _NoPandas(MetaPathFinder):
    """Says that pandas is not installed."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        """Refuse pandas, leave everything else to others."""
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not loaded for one case", name=fullname)


def _fail(message: str) -> int:
    print(f"casegauge: error: {message}", file=sys.stderr)
    return 2


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(overview())
        return 0
    if arguments[0] in {"--version", "-V"}:
        print(f"casegauge {importlib.import_module('synth.export').VERSION}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        raise CasegaugeError(f"unknown command '{name}'. {nearest(name, COMMANDS)} See `casegauge --help`.")
    module = importlib.import_module(f"benchmarks.commands.{name}_command")
    parser = Parser(prog=f"casegauge {name}", description=module.__doc__, allow_abbrev=False,
                    formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.meant = getattr(module, "MEANT", {})
    module.add_arguments(parser)
    code: int = module.execute(parser.parse_args(arguments[1:]))
    sys.stdout.flush()
    return code


def overview() -> str:
    """Return the help of the whole command line."""
    lines = "\n".join(f"  {name:<10} {about}" for name, about in COMMANDS.items())
    return (
        "usage: casegauge COMMAND [OPTIONS]\n\n"
        "Fictional case records whose truth is known: score validation rules, and see what mandatory fields do to\n"
        f"measured and to true quality.\n\ncommands:\n{lines}\n\n"
        "Start with `casegauge run`. Help on a command: `casegauge COMMAND --help`."
    )


if __name__ == "__main__":
    sys.exit(main())
