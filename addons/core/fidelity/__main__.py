"""Writes the page to the standard output: `python -m addons.core.fidelity > docs/translation.md`."""

import sys

from addons.core.fidelity.rendering import rendered

sys.stdout.write(rendered())
