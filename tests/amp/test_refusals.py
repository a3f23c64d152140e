"""Why a request for AMP's server is not passed on."""

from dataclasses import replace

import pytest

from addons.amp import refusals
from addons.amp.plan import AmpUpstream
from addons.amp.refusals import is_loopback, refused
from addons.core.errors import ErrorInfo
from addons.core.http import Ask
from addons.core.plan import Plan

UPSTREAM = AmpUpstream("https://amp.example", "k")
LOCAL = AmpUpstream("https://amp.example", restrict_to_localhost=True)
GUARDED = Plan(require_auth=True, master_key="master")


def asked(method: str = "POST", **headers: str) -> Ask:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask(method, "/api/internal", "getUserInfo", {"host": "127.0.0.1:8376", **given})


@pytest.mark.parametrize(
    ("plan", "upstream", "ask", "peer", "expected"),
    [
        (Plan(), UPSTREAM, asked(), "203.0.113.5", None),
        (Plan(), None, asked(), "127.0.0.1", refusals.NO_UPSTREAM),
        (Plan(), AmpUpstream(), asked(), "127.0.0.1", refusals.NO_UPSTREAM),
        (Plan(), AmpUpstream("ampcode.com"), asked(), "127.0.0.1", refusals.BAD_UPSTREAM),
        (Plan(), AmpUpstream("https://amp.example", "a\r\nb: c"), asked(), "127.0.0.1", refusals.BAD_KEY),
        (Plan(), LOCAL, asked(), "127.0.0.1", None),
        (Plan(), LOCAL, asked(), "203.0.113.5", refusals.NOT_LOCAL),
        (GUARDED, UPSTREAM, asked(), "127.0.0.1", refusals.UNAUTHORIZED),
        (GUARDED, UPSTREAM, asked(authorization="Bearer other"), "127.0.0.1", refusals.UNAUTHORIZED),
        (GUARDED, UPSTREAM, asked(authorization="Bearer master"), "127.0.0.1", None),
    ],
)
def test_the_first_reason_counts(
    plan: Plan, upstream: AmpUpstream | None, ask: Ask, peer: str, expected: ErrorInfo | None
) -> None:
    assert refused(plan, upstream, ask, peer, management=True) is expected


def test_a_request_for_a_model_is_no_matter_of_management() -> None:
    assert refused(GUARDED, replace(LOCAL, key="k"), asked(), "203.0.113.5", management=False) is None


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:203.0.113.5", False),
        ("10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("", False),
        ("localhost", False),
    ],
)
def test_loopback_is_this_machine(peer: str, *, expected: bool) -> None:
    assert is_loopback(peer) is expected
