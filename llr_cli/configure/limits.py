"""Edits of rate-limit buckets, and of the probe of a provider's quota."""

from collections.abc import Mapping
from typing import Any

from addons.config.limits import ALL, RateLimitNode
from addons.config.models import ProviderNode
from addons.core.windows import parse
from llr_cli.configure import places
from llr_cli.configure.flags import FALSE, TRUE, Given
from llr_cli.configure.refusal import Misused, Refused, nearest
from llr_cli.configure.spelling import place, read, write
from llr_cli.configure.text import MISSING, Config, Path

# flag → field of the bucket, where the value is the same
CAPS: Mapping[str, str] = {
    "bucket-requests": "requests",
    "bucket-tokens": "tokens",
    "bucket-input-tokens": "input_tokens",
    "bucket-output-tokens": "output_tokens",
    "bucket-concurrent": "concurrent",
}
PLAIN: Mapping[str, str] = {**CAPS, "bucket-name": "name", "bucket-models": "models", "bucket-per-key": "per_key"}


def edit(config: Config, given: Given) -> Config:
    """One bucket made, changed or removed; or the whole list, merged by id or replaced."""
    path = places.provider(config, given.wanted("provider-id"))
    if "rate-limits" in given or given.get("replace-rate-limits"):
        return _listed(config, path, given)
    gone = _removed(given)
    if gone is not None:
        return _without(config, path, gone)
    return _upserted(config, path, given)


def window(text: str) -> dict[str, Any]:
    """The window as the document says it. Raises Misused with what is accepted."""
    try:
        found = parse(text)
    except ValueError as error:
        raise Misused(f"--bucket-window: {error}") from error
    return {"unit": found.unit, "size": found.size}


def _listed(config: Config, path: Path, given: Given) -> Config:
    wanted = given.get("rate-limits", [])
    wanted = [wanted] if isinstance(wanted, dict) else wanted
    if not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
        raise Misused('--rate-limits: expected a list, as in [{"id": "day", "requests": 500, "window": "day:1"}]')
    if given.get("replace-rate-limits"):
        return write(config, path, ProviderNode, "rate_limits", wanted)
    for each in wanted:
        known = places.buckets(config, path)
        where = known.get(str(each.get("id", "")))
        config = config.set(where, each) if where is not None else _appended(config, path, each)
    return config


def _removed(given: Given) -> str | None:
    """The id of the bucket that is to go: that of the flag itself, else that of `bucket-id`."""
    word = given.get("remove-bucket")
    if word is None or str(word).lower() in FALSE:
        return None
    return str(given.wanted("bucket-id") if str(word).lower() in TRUE else word)


def _without(config: Config, path: Path, name: str) -> Config:
    found = places.buckets(config, path)
    if name not in found:
        raise Refused(f"there is no bucket {name!r}{nearest(name, found)} (there are: {', '.join(found) or 'none'})")
    return config.without(found[name])


def _upserted(config: Config, path: Path, given: Given) -> Config:
    known = places.buckets(config, path)
    name = given.get("bucket-id")
    where = known.get(name) if name else None
    if where is None:
        return _appended(config, path, _new(given, known))
    for flag, field in PLAIN.items():
        if flag in given:
            config = write(config, where, RateLimitNode, field, MISSING if given[flag] in ("", []) else given[flag])
    if "bucket-window" in given:
        config = _with_window(config, where, window(given["bucket-window"]))
    return config


def _with_window(config: Config, where: Path, wanted: dict[str, Any]) -> Config:
    """In place of the flat spellings too, which would not count beside it."""
    flat = ("windowUnit", "window-unit", "window.unit", "windowSize", "window-size", "window.size", "window.value")
    for name in flat:
        config = config.without((*where, name))
    return write(config, where, RateLimitNode, "window", wanted)


def _new(given: Given, known: Mapping[str, Path]) -> dict[str, Any]:
    caps = {_name(field): given[flag] for flag, field in CAPS.items() if flag in given}
    if not caps:
        raise Misused("--bucket-requests is expected (or tokens, input-tokens, output-tokens, concurrent)")
    if "bucket-window" not in given and caps.keys() != {"concurrent"}:
        raise Misused("--bucket-window is expected, as in minute:1, day:1, 1w or month")
    span = window(given["bucket-window"]) if "bucket-window" in given else None
    bucket: dict[str, Any] = {"id": given.get("bucket-id") or _free(caps, span, known)}
    if given.get("bucket-name"):
        bucket["name"] = given["bucket-name"]
    bucket |= {"models": given.get("bucket-models") or [ALL], **caps}
    if span is not None:
        bucket["window"] = span
    return bucket | ({"perKey": True} if given.get("bucket-per-key") else {})


def _name(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.title() for word in rest)


def _free(caps: Mapping[str, Any], span: Mapping[str, Any] | None, known: Mapping[str, Path]) -> str:
    """An id that says what the bucket holds. Source: the predecessor's ids."""
    measure, cap = next(iter(caps.items()))
    short = "req" if measure == "requests" else measure.lower()
    name = f"{cap}-{short}" + (f"-per-{span['size']}-{span['unit']}" if span else "")
    number, free = 1, name
    while free in known:
        number += 1
        free = f"{name}-{number}"
    return free


def _appended(config: Config, path: Path, bucket: dict[str, Any]) -> Config:
    top = place(config, path, ProviderNode, "rate_limits")
    now = read(config, path, ProviderNode, "rate_limits", [])
    return config.set((*top, len(now)), bucket) if now else config.set(top, [bucket])
