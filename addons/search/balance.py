"""The order in which the services are asked. Pure."""

from collections.abc import Mapping, Sequence

from addons.core.web_search import SearchService, SearchStrategy


def ordered(
    services: Sequence[SearchService], strategy: SearchStrategy, left: Mapping[str, float]
) -> tuple[SearchService, ...]:
    """Those that may be asked now. `left` is the share, 0 to 1, of each one's quota; `quota-balance` asks first who
    has the most of it left, and keeps the order of the configuration among equals."""
    open_ones = [service for service in services if left.get(service.id, 1.0) > 0.0]
    if strategy == "quota-balance":
        open_ones.sort(key=lambda service: -left.get(service.id, 1.0))
    return tuple(open_ones)
