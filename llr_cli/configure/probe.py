"""Operations that call providers: `test-provider`, `discover-provider-models`, and the trial before one is saved."""

import asyncio
import fnmatch
import time
from collections.abc import Sequence
from dataclasses import replace

from llr_cli import render
from llr_cli.configure import models, places, providers, subjects
from llr_cli.configure.asking import RPM, asker
from llr_cli.configure.call import Call, Result, Table
from llr_cli.configure.flags import Given
from llr_cli.configure.listing import Listed, NoList, listing
from llr_cli.configure.record import Record, recorded, rows
from llr_cli.configure.refusal import Misused, Refused
from llr_cli.configure.subjects import NO_MODEL, UNSAVED, Subject
from llr_cli.configure.text import Config
from llr_cli.configure.trial import Trial, attempt
from llr_cli.exits import Exit

COLUMNS = ("model", "format", "result", "status", "answer")


def test_provider(call: Call) -> Result:
    """Asks every model in every format one small question; with `save` what was found is kept."""
    given = call.given
    every = bool(given.get("every-format"))
    _, name, found = subjects.of_call(call, every_format=every)
    chosen = given.get("models")
    _check_models(found, chosen)
    record = Record(tuple(_tried(found, chosen, given, call.quiet)), time.time())
    outcome = None
    if given.get("save"):
        if name == UNSAVED:
            raise Misused("--save needs the --provider-id of a provider that is saved")
        outcome = call.store.edit(
            lambda config: recorded(config, name, record, formats=every and chosen is None), dry=call.dry
        )
    failing = record.failing
    return Result(
        "Provider Test",
        {"provider": name, **record.as_json()},
        tables=[Table(COLUMNS, rows(record.trials))],
        outcome=outcome,
        warnings=_key_warnings(found),
        problems=[f"{model} answers in no format" for model in failing],
        exit=Exit.FAILURE if failing else Exit.OK,
    )


def discover(call: Call) -> Result:
    """Lists the models that a provider has; with `save` they are added to it."""
    _, name, found = subjects.of_call(call, every_format=False)
    listed = _matching(_listed(found, call.given), call.given.get("match"))
    outcome = None
    if call.given.get("save"):
        if name == UNSAVED:
            raise Misused("--save needs the --provider-id of a provider that is saved")
        more = Given({"provider-id": name, **_as_flags(listed)})
        outcome = call.store.edit(lambda config: models.add(config, more), dry=call.dry)
    return Result(
        "Provider Models",
        {"provider": name, "models": [_as_json(each) for each in listed]},
        tables=[Table(("model", "context window"), [(each.id, str(each.window or "")) for each in listed])],
        outcome=outcome,
        warnings=_key_warnings(found),
        problems=[] if listed else ["no model of the list matches"],
        exit=Exit.OK if listed else Exit.FAILURE,
    )


def before_saving(call: Call) -> Call:
    """The call with what the provider says of itself: its models, if they are asked for, their windows, and which
    formats work. Raises Refused when a model works in none."""
    given = call.given
    if given.get("discover") and not given.get("models"):
        _, _, found = subjects.of_call(call, every_format=False)
        listed = _matching(_listed(found, given), given.get("match"))
        if not listed:
            raise Refused("the provider lists no model that matches")
        given = Given({**given, **_as_flags(listed)})
    elif given.get("fill-model-context-windows"):
        given = _with_windows(replace(call, given=given))
    if given.get("skip-probe") or call.dry:
        return replace(call, given=given)
    said = bool(given.get("format") or given.get("formats") or given.get("preset"))
    call = replace(call, given=given)
    _, name, found = subjects.of_call(call, every_format=not said, saving=True)
    _check_models(found, None)
    record = Record(tuple(_tried(found, None, given, call.quiet)), time.time())
    if record.failing:
        raise Refused(
            f"nothing is saved: {', '.join(record.failing)} of {name} answered in no format "
            "(--skip-probe saves it all the same)",
            problems=[*_key_warnings(found), *record.as_json()["warnings"]],
        )
    return replace(call, given=Given({**given, "record": record}))


def saved(config: Config, given: Given) -> Config:
    """`config` with the record that the trial left in `given`, if there was one."""
    record = given.get("record")
    if not isinstance(record, Record):
        return config
    said = bool(given.get("format") or given.get("formats") or given.get("preset"))
    return recorded(config, providers.provider_id(given), record, formats=not said)


def _tried(found: Sequence[Subject], chosen: list[str] | None, given: Given, quiet: bool) -> list[Trial]:
    todo = [(candidate, subject.endpoint) for subject in found for candidate in subject.candidates(chosen)]
    if not todo:
        raise Misused("--models is expected: there is no model to ask")

    async def run() -> list[Trial]:
        trials = []
        async with asker(given.get("probe-rpm", RPM), _secrets(found)) as asking:
            with render.Progress(len(todo), quiet=quiet) as progress:
                for candidate, endpoint in todo:
                    progress.at(f"{candidate.ref} in {candidate.dialect}")
                    trials.append(await attempt(candidate, asking, endpoint))
                    progress.step()
        return trials

    return asyncio.run(run())


def _listed(found: Sequence[Subject], given: Given) -> list[Listed]:
    """What the first format that lists anything lists. Raises Refused."""

    async def run() -> list[Listed]:
        problems: dict[str, None] = {}
        async with asker(given.get("probe-rpm", RPM), _secrets(found)) as asking:
            for subject in found:
                for candidate in subject.candidates(None)[: len(subject.provider.dialects)]:
                    try:
                        return await listing(candidate, asking)
                    except NoList as problem:
                        problems[f"{candidate.dialect}: {problem}"] = None
        raise Refused("the provider lists no models; name them with --models", problems=problems)

    return asyncio.run(run())


def _with_windows(call: Call) -> Given:
    """With the context windows that the provider lists, else those of the catalogue, of models without one."""
    given = call.given
    said = providers.windows(given.get("model-context-windows"))
    open_ = [name for name in given.get("models") or _own_models(call) if name not in said]
    fresh = _listed_windows(call)
    missing = [name for name in open_ if name not in fresh]
    if missing:
        fresh |= _known_windows(missing, given.get("catalog-url"))
    return Given({**given, "model-context-windows": {name: fresh[name] for name in open_ if name in fresh} | said})


def _listed_windows(call: Call) -> dict[str, int]:
    _, _, found = subjects.of_call(call, every_format=False)
    try:
        return {each.id: each.window for each in _listed(found, call.given) if each.window is not None}
    except Refused as refused:
        render.note(f"no context windows from the provider: {refused.text}")
        return {}


def _known_windows(names: Sequence[str], url: str | None) -> dict[str, int]:
    from llr_cli.configure.catalogue import URL, fetched, window_of

    try:
        windows = fetched(url or URL)
    except Refused as refused:
        render.note(f"no context windows for {', '.join(names)}: {refused.text}")
        return {}
    return {name: window for name in names if (window := window_of(windows, name)) is not None}


def _own_models(call: Call) -> list[str]:
    config = call.store.read()
    path = places.providers(config).get(providers.provider_id(call.given))
    return [] if path is None else list(places.models(config, path))


def _check_models(found: Sequence[Subject], chosen: list[str] | None) -> None:
    known = [model.id for subject in found for model in subject.provider.models]
    for name in chosen or ():
        if name not in known:
            raise Misused(f"--models: this provider has no model {name!r} (it has: {', '.join(known)})")
    if known == [NO_MODEL]:
        raise Misused("--models is expected: names of models, separated by commas")


def _matching(listed: Sequence[Listed], pattern: str | None) -> list[Listed]:
    return [each for each in listed if pattern is None or fnmatch.fnmatchcase(each.id.lower(), pattern.lower())]


def _as_flags(listed: Sequence[Listed]) -> dict[str, object]:
    windows = {each.id: each.window for each in listed if each.window is not None}
    return {"models": [each.id for each in listed], "model-context-windows": windows}


def _as_json(each: Listed) -> dict[str, object]:
    return {"id": each.id} | ({"contextWindow": each.window} if each.window is not None else {})


def _key_warnings(found: Sequence[Subject]) -> list[str]:
    problems = dict.fromkeys(subject.provider.key_problem for subject in found if subject.provider.key_problem)
    return [f"no key was sent: {problem}" for problem in problems]


def _secrets(found: Sequence[Subject]) -> tuple[str, ...]:
    keys = [subject.provider.key for subject in found]
    keys += [each.secret for subject in found for each in subject.provider.keys]
    return tuple(dict.fromkeys(key for key in keys if key))
