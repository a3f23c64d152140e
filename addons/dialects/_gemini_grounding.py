"""What a Gemini answer rests on. Source: Gemini API reference, "GroundingMetadata".

The places in the text are counted in bytes of it, which nobody keeps while it streams by: the whole text cites.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from addons.core.events import Aside
from addons.core.model import Citation
from addons.dialects._asides import asides, citation, listed

PLACE = "candidates[].groundingMetadata."
_CHUNKS = "groundingChunks"


def sources(metadata: Mapping[str, Any]) -> Iterator[Citation | Aside]:
    """The pages, and what else it says."""
    for chunk in listed(metadata.get(_CHUNKS)):
        web = chunk.get("web") if isinstance(chunk, Mapping) else None
        page = citation({**web, "url": web.get("uri")}) if isinstance(web, Mapping) else None
        yield page or Aside(f"{PLACE}{_CHUNKS}", content=True)
    yield from asides(metadata, frozenset({_CHUNKS}), PLACE)
