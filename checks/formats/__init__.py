"""Rule files of other tools, translated from their text: one module a format. No other tool is ever run."""
