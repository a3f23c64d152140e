"""Reading the document as far as it can be read, with a problem by JSON path for everything that cannot.

A broken provider is read as one that is switched off and a broken alias as an empty one, so that the rest is still
checked, under the right paths: a person learns of all mistakes at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from addons.config.fields import spellings
from addons.config.models import Document

PROVIDERS = frozenset(spellings(Document, "providers"))
ALIASES = frozenset(spellings(Document, "model_aliases"))

# pydantic's type of error → what was expected; the fields of its context can be named
EXPECTED: Mapping[str, str] = {
    "string_type": "a string",
    "string_unicode": "a string of whole characters",
    "string_too_short": "a text that is not empty",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "list_type": "a list",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number from {ge} on",
    "less_than_equal": "a number up to {le}",
    "literal_error": "{expected}",
}
_KINDS: Mapping[type, str] = {
    str: "a string", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object",
    type(None): "null",
}  # fmt: skip
# errors of the value itself: to say its kind would tell nothing
_OF_VALUE = frozenset(
    {
        "string_too_short",
        "string_unicode",
        "greater_than",
        "greater_than_equal",
        "less_than_equal",
        "finite_number",
        "literal_error",
    }
)


def parse(value: Mapping[str, Any]) -> tuple[Document, list[str]]:
    """What can be read of `value`, and the problems of the rest. What is switched off is not looked at."""
    value = _switched_on(value)
    try:
        return Document.model_validate(value), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    problems = list(dict.fromkeys(_problem(item) for item in errors))
    return Document.model_validate(_sound(value, (item["loc"] for item in errors))), problems


def _problem(item: Any) -> str:
    return f"{_path(item['loc'])}: {_text(item)}"


def _path(loc: Sequence[int | str]) -> str:
    path = ""
    for step in loc:
        # pydantic's own word for "the key, not the value"
        if step != "[key]":
            path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path or "the document"


def _text(item: Any) -> str:
    kind = item["type"]
    if kind == "missing":
        return "expected this key, which is missing"
    if kind not in EXPECTED:
        return str(item["msg"]).removeprefix("Value error, ")
    expected = EXPECTED[kind].format(**item.get("ctx", {}))
    # the kind of a value, never the value: it may be a secret in the wrong place
    got = _KINDS.get(type(item["input"]), "something else")
    return f"expected {expected}" + ("" if kind in _OF_VALUE else f", got {got}")


def _switched_on(value: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which a provider or a model that is not enabled is nothing but its name; places stay as they are."""
    return {
        key: [_named_if_off(item) for item in content] if key in PROVIDERS and isinstance(content, list) else content
        for key, content in value.items()
    }


def _named_if_off(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    if item.get("enabled") is False:
        return _off(item)
    models = item.get("models")
    return {**item, "models": [_named_if_off(model) for model in models]} if isinstance(models, list) else item


def _off(item: Any) -> dict[str, Any]:
    """A switched-off provider or model of the same name."""
    found = (item.get(key) for key in ("id", "name", "model")) if isinstance(item, dict) else ()
    return {"id": next((name for name in found if name and isinstance(name, str)), "-"), "enabled": False}


def _sound(value: Mapping[str, Any], broken: Iterable[Sequence[int | str]]) -> dict[str, Any]:
    """A copy without the broken parts."""
    sound = dict(value)
    for top, *rest in broken:
        key, container = str(top), sound.get(str(top))
        if rest and key in PROVIDERS and isinstance(container, list):
            sound[key] = [_off(item) if n == rest[0] else item for n, item in enumerate(container)]
        elif rest and key in ALIASES and isinstance(container, dict):
            sound[key] = {**container, str(rest[0]): {}}
        else:
            sound.pop(key, None)
    return sound
