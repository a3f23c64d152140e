"""The subcommands of `llr config`: each hands what was typed to an operation."""
