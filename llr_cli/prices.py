"""What an answer costs by its provider's list, where the optional library genai-prices knows it."""

import importlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from addons.core.activity import Entry
from addons.core.activity_stats import Price

HINT = "Costs: install the library genai-prices with llr, as in `uv tool install 'llr[prices]'`."


def prices() -> Price | None:
    """None when the library is not installed. It works without a network: its lists come with it."""
    try:
        return _Prices(importlib.import_module("genai_prices")).of
    except ModuleNotFoundError as error:
        if error.name != "genai_prices":
            raise
        return None


class _Prices:
    def __init__(self, library: Any) -> None:
        self._library = library
        # which way of naming a model is known; None: none is
        self._known: dict[str, dict[str, str] | None] = {}

    def of(self, entry: Entry) -> Decimal | None:
        if entry.served not in self._known:
            ways = _ways(entry.served)
            self._known[entry.served] = next((way for way in ways if self._price(entry, way) is not None), None)
        way = self._known[entry.served]
        return None if way is None else self._price(entry, way)

    def _price(self, entry: Entry, way: dict[str, str]) -> Decimal | None:
        usage = entry.usage
        given = self._library.Usage(
            input_tokens=usage.input or 0,
            output_tokens=usage.output or 0,
            cache_read_tokens=usage.cache_read or 0,
            cache_write_tokens=usage.cache_write or 0,
        )
        when = datetime.fromtimestamp(entry.at, UTC)
        try:
            found = self._library.calc_price(given, genai_request_timestamp=when, **way)
        except (LookupError, ValueError):  # an unknown model; counts that do not add up
            return None
        return Decimal(found.total_price)


def _ways(served: str) -> list[dict[str, str]]:
    """How the library may know `provider/model`: the provider is called what its owner calls it, and gateways put the
    maker before the model and a variant behind it."""
    provider, _, model = served.partition("/")
    names = dict.fromkeys((model, model.rpartition("/")[2], model.rpartition("/")[2].partition(":")[0]))
    return [{"model_ref": model, "provider_id": provider}, *({"model_ref": name} for name in names)]
