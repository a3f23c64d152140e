"""References with a weight behind them: `provider/model@2` and `provider/model:2`.

Both marks may be part of a name too (`llama3:8`, `claude@20240620`): what exists under the whole name is that.
"""

import re
from collections.abc import Callable

from addons.config.models import Document
from addons.config.providers import provider_id
from addons.core.resolve import ALIAS_PREFIX

_WEIGHTED = re.compile(r"(?P<ref>.+)[@:](?P<weight>[0-9]{1,6}(?:\.[0-9]{1,6})?)")


def known(document: Document) -> Callable[[str], bool]:
    """Whether the document has something of a name: a model of a provider, an alias, or a model by its bare name."""
    models = [(provider_id(node), model) for node in document.providers for model in node.models]
    named = {f"{owner}/{name}" for owner, model in models for name in (model.id, *model.aliases)}
    bare = {name for _, model in models for name in (model.id, *model.aliases)}
    return lambda ref: ref in named or ref in bare or ref.removeprefix(ALIAS_PREFIX) in document.model_aliases


def split(ref: str, known: Callable[[str], bool]) -> tuple[str, float | None]:
    """The reference and its weight; None when it has none. `known` says whether something has a name."""
    found = _WEIGHTED.fullmatch(ref)
    if found is None or known(ref) or not known(found["ref"]):
        return ref, None
    return found["ref"], float(found["weight"])
