"""One module a command: `add_arguments(parser)` and `execute(arguments) -> exit code`."""
