"""Specification of addons/search/balance.py: the order in which services are asked."""

from addons.core.web_search import SearchService
from addons.search.balance import ordered

A, B, C = (SearchService(name, "searxng", url="http://s") for name in "abc")


def names(services: tuple[SearchService, ...]) -> str:
    return "".join(service.id for service in services)


def test_the_order_of_the_configuration_holds() -> None:
    assert names(ordered((A, B, C), "ordered", {"a": 0.1, "b": 0.9})) == "abc"


def test_who_has_most_left_comes_first_when_quotas_are_balanced() -> None:
    assert names(ordered((A, B, C), "quota-balance", {"a": 0.1, "b": 0.9, "c": 0.5})) == "bca"


def test_equals_keep_their_order() -> None:
    assert names(ordered((A, B, C), "quota-balance", {"a": 0.5, "b": 0.5, "c": 0.5})) == "abc"


def test_who_has_nothing_left_is_not_asked() -> None:
    assert names(ordered((A, B), "ordered", {"a": 0.0})) == "b"
    assert ordered((A,), "quota-balance", {"a": 0.0}) == ()
