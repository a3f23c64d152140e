"""`llr status` for people: what it knows, as lines and tables."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llr_cli import logs, units
from llr_cli.render import Table, tilde

if TYPE_CHECKING:
    from addons.core.activity import Entry

KEY = "key"
TARGETS = ("target", KEY, "health", "first event", "running", "rests")
LIMITS = ("limit", KEY, "window", "used", "left")
ALIASES = ("alias", "strategy", "targets", "fallback targets")
NOBODY = "No router of yours runs; `llr start --detach` starts one."


def parts(found: Mapping[str, Any], now: float) -> list[Table | str]:
    """The page; `now` in Unix seconds."""
    if not found["routers"]:
        return [NOBODY]
    shown: list[Table | str] = []
    for router in found["routers"]:
        shown += _router(router, now)
    rows = _requests(found["recent"])
    if rows:
        shown.append(Table(logs.COLUMNS, rows, "Last requests"))
    return shown


def problems(found: Mapping[str, Any]) -> Iterable[str]:
    """What a person should mend."""
    for router in found["routers"]:
        if not router["answers"]:
            yield f"the router at port {router['port']} (pid {router['pid']}) runs, but does not answer"
            continue
        state = router["state"]
        for name, about in (("configuration", "config"), ("state", "state")):
            problem = state.get(about, {}).get("problem")
            if problem:
                yield f"port {router['port']}: {name}: {problem}"
        for provider in state.get("providers", ()) if isinstance(state.get("providers"), list) else ():
            if provider["keyProblem"]:
                yield f"port {router['port']}: {provider['id']}: {provider['keyProblem']}"


def _router(router: Mapping[str, Any], now: float) -> list[Table | str]:
    where = router["service"] or ("in the background" if router["log"] else "in a terminal")
    age = units.duration(max(0.0, now - router["since"]))
    about = f"pid {router['pid']}, {where}, for {age}; config: {tilde(router['configFile'])}"
    shown: list[Table | str] = [f"llr {router['version']} listens on {router['url']} ({about})"]
    state = router["state"]
    if state is None:
        return [*shown, "It does not answer."]
    if not isinstance(state.get("providers"), list):
        return [*shown, "It wants its masterKey before it says more."]
    shown += [_lean(Table(TARGETS, list(_targets(state["providers"])), "Targets"))]
    limits = list(_limits(state["providers"]))
    shown += [_lean(Table(LIMITS, limits, "Limits"))] if limits else []
    aliases = [_alias(each) for each in state["aliases"]]
    return shown + ([Table(ALIASES, aliases, "Aliases")] if aliases else [])


def _targets(providers: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, ...]]:
    for provider in providers:
        for target in provider["targets"]:
            rests = target["rests"]
            yield (
                f"{provider['id']}/{target['model']}",
                target["credential"] or ("missing" if provider["keyProblem"] else ""),
                f"{100 * target['health']:.0f}%",
                units.duration(target["firstEvent"]),
                str(target["running"] or ""),
                "" if rests is None else f"{rests['why']}, for {units.duration(rests['for'])}",
            )


def _limits(providers: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, ...]]:
    for provider in providers:
        for bucket in provider["buckets"]:
            yield (
                f"{provider['id']}: {bucket['name'] or bucket['id']}",
                bucket["credential"],
                bucket["window"] or "",
                ", ".join(
                    f"{units.count(each['used'])} of {units.count(each['cap'])} {each['measure'].replace('_', ' ')}"
                    for each in bucket["caps"]
                ),
                f"{100 * bucket['left']:.0f}%",
            )


def _alias(alias: Mapping[str, Any]) -> tuple[str, ...]:
    return alias["id"], alias["strategy"], ", ".join(alias["targets"]), ", ".join(alias["fallbackTargets"])


def _requests(recent: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    from addons.core.activity import from_line

    entries = (from_line(json.dumps(each).encode()) for each in recent)
    return [(*logs.row(entry)[:-1], _outcome(entry)) for entry in entries if entry is not None]


def _outcome(entry: "Entry") -> str:
    """What came of a request, in a few words: `llr logs` has them all."""
    said = entry.error or entry.broken or ("the client left" if entry.left else "")
    failed = len(entry.attempts)
    tries = f"{failed} failed {'try' if failed == 1 else 'tries'}" if failed else ""
    return ", ".join(filter(None, (said, tries)))


def _lean(table: Table) -> Table:
    """Without the column of keys, when nobody has more than one."""
    at = table.columns.index(KEY)
    if any(row[at] for row in table.rows):
        return table
    rows = [(*row[:at], *row[at + 1 :]) for row in table.rows]
    return Table([*table.columns[:at], *table.columns[at + 1 :]], rows, table.title)
