"""Make the README's picture: measured against true by regime, 10,000 cases, seed 1."""

from pathlib import Path

from benchmarks.chart import regime_chart
from benchmarks.regimes import compare

PICTURE = Path(__file__).parent / "measured-against-true.svg"

if __name__ == "__main__":
    PICTURE.write_text(
        regime_chart(compare("oig-20-13", n_cases=10_000, seed=1)) + "\n", encoding="utf-8", newline="\n"
    )
