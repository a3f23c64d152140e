"""Specification of addons/core/plan_secrets.py: which strings of a plan are secrets."""

from dataclasses import fields, is_dataclass

import pytest

from addons.amp.plan import AmpUpstream
from addons.core.model import DialectName
from addons.core.plan import Credential, Plan, Provider
from addons.core.plan_secrets import secrets_of
from addons.core.web_search import SearchService, WebSearch

PROVIDER = Provider(
    "p", "P", (DialectName.CHAT,), {DialectName.CHAT: "https://user:url-secret@host/v1?api_key=query-secret&api-version=7"},
    (), key="provider-key", keys=(Credential("c", "second-key"),),
    headers={"authorization": "Bearer header-key", "x-tenant": "tenant-key", "x-title": "llr", "accept": "*/*"},
)  # fmt: skip
PLAN = Plan(
    (PROVIDER,), master_key="master-key", web_search=WebSearch((SearchService("brave", "brave", "search-key"),))
)


@pytest.mark.parametrize(
    "secret",
    [
        "provider-key",
        "second-key",
        "header-key",
        "tenant-key",
        "master-key",
        "search-key",
        "url-secret",
        "query-secret",
    ],
)
def test_every_key_is_found(secret: str) -> None:
    """Promise 44."""
    assert secret in secrets_of(PLAN)


@pytest.mark.parametrize("harmless", ["llr", "*/*", "p", "P", "brave", "7"])
def test_what_is_harmless_is_none(harmless: str) -> None:
    assert harmless not in secrets_of(PLAN)


@pytest.mark.parametrize("kind", [Provider, Credential, Plan, SearchService, AmpUpstream])
def test_fields_that_hold_keys_are_kept_out_of_repr(kind: type) -> None:
    """The convention that this module relies on."""
    assert is_dataclass(kind)
    named = {each.name for each in fields(kind) if each.name in ("key", "secret", "master_key")}
    assert named == {each.name for each in fields(kind) if not each.repr}
