"""What every test runs under."""

import os
import signal

import pytest
from hypothesis import settings

# No deadlines: a busy machine must not fail a property. The same examples every time, so that a failure is everybody's;
# `HYPOTHESIS_PROFILE=deep` goes looking for new ones.
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=100)
settings.register_profile("deep", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# A shell's background job ignores the interrupt, and so would every process that it starts: some are ended by one here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROUTER_VARIABLES = ("LLM_ROUTER", "ROUTE_CONFIG")


@pytest.fixture(autouse=True)
def no_configuration_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of whoever runs the tests configure nothing here."""
    for name in [name for name in os.environ if name.startswith(ROUTER_VARIABLES)]:
        monkeypatch.delenv(name)
