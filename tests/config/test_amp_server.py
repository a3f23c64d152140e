"""What the `amp` block says of AMP's own server."""

from typing import Any

import pytest

from addons.amp.plan import AmpUpstream
from addons.config.amp_upstream import DEFAULT_URL, amp_upstream
from addons.config.findings import Findings


def read(block: object) -> tuple[AmpUpstream | None, list[str]]:
    findings = Findings()
    return amp_upstream(block, findings), findings.problems


@pytest.mark.parametrize("block", [None, "on", []])
def test_without_a_block_there_is_no_server(block: object) -> None:
    assert read(block) == (None, [])


def test_a_block_without_an_address_means_amps_own() -> None:
    assert read({}) == (AmpUpstream(DEFAULT_URL), [])


@pytest.mark.parametrize("url", ["", "  ", None])
def test_an_empty_address_means_none(url: object) -> None:
    assert read({"upstreamUrl": url}) == (AmpUpstream(None), [])


@pytest.mark.parametrize(
    "block",
    [
        {
            "upstreamUrl": "https://amp.example",
            "upstreamApiKey": " k ",
            "restrictManagementToLocalhost": True,
            "stripFeatures": ["a", "b"],
        },
        {
            "upstream-url": "https://amp.example",
            "upstream-api-key": "k",
            "restrict-management-to-localhost": True,
            "strip-features": ["a", "b"],
        },
        {
            "baseUrl": "https://amp.example",
            "upstreamApiKey": "k",
            "restrictManagementToLocalhost": True,
            "stripFeatures": ["a", "b"],
        },
    ],
    ids=["camel", "kebab", "older"],
)
def test_its_keys_have_several_spellings(block: dict[str, Any]) -> None:
    assert read(block) == (AmpUpstream("https://amp.example", "k", True, ("a", "b")), [])


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ({"upstreamUrl": "ampcode.com"}, "amp.upstreamUrl"),
        ({"upstreamUrl": 7}, "amp.upstreamUrl"),
        ({"upstreamApiKey": "a\nb"}, "amp.upstreamApiKey"),
        ({"upstreamApiKey": ["k"]}, "amp.upstreamApiKey"),
        ({"restrictManagementToLocalhost": "yes"}, "amp.restrictManagementToLocalhost"),
        ({"stripFeatures": "a"}, "amp.stripFeatures"),
        ({"stripFeatures": [1]}, "amp.stripFeatures"),
    ],
)
def test_what_it_cannot_mean_is_told_with_its_path(block: dict[str, Any], path: str) -> None:
    _, problems = read(block)
    assert [problem.partition(":")[0] for problem in problems] == [path]


def test_a_key_is_not_repeated_when_it_is_refused() -> None:
    """Promise 44."""
    _, problems = read({"upstreamApiKey": "sgamp_secret\n2"})
    assert "sgamp_secret" not in " ".join(problems)
