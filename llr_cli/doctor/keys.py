"""Each key is shown to its provider, which is asked for its list of models: that costs nothing. What it answers also
tells what time it is elsewhere."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime

from addons.core.headers import NO_HEADERS, upstream_headers
from addons.core.http import UpstreamRequest
from addons.core.plan import Candidate, Credential, Model, Plan, Provider
from llr_cli.configure.asking import DEADLINES, TOO_MANY, Answered, asker
from llr_cli.configure.listing import list_url
from llr_cli.doctor.checks import Finding, State, Subject

REFUSED = frozenset({401, 403})
NO_SUCH_PLACE = frozenset({404, 405, 501})
# one for each key, and none twice
CALLS_A_MINUTE = 600
SKEW_WARNED = 60.0
SKEW_FAILED = 300.0
ONLY = Credential("", "")
NO_MODEL = Model("")


def keys(subject: Subject) -> Iterable[Finding]:
    """A finding for each key; and one for the clock."""
    plan = subject.plan
    if plan is None or not plan.providers:
        return
    missing = [each for each in plan.providers if each.key_problem]
    for provider in missing:
        mend = f"llr config key set --provider {provider.id}, or set the variable where the router is started"
        yield Finding(f"key of {provider.id}", "failed", provider.key_problem or "", mend)
    asked = [(each, key) for each in plan.providers if each not in missing for key in each.keys or (ONLY,)]
    if subject.offline:
        yield Finding("keys", "skipped", f"{len(asked)} keys were not shown to their providers (--offline)")
        return
    answers = asyncio.run(_asked(asked, plan))
    for (provider, key), answer in zip(asked, answers, strict=True):
        yield _judged(provider, key, answer)
    yield from clock(answers, time.time())


async def _asked(asked: Sequence[tuple[Provider, Credential]], plan: Plan) -> list[Answered]:
    secrets = [each.key for each in plan.providers if each.key]
    secrets += [each.secret for provider in plan.providers for each in provider.keys]
    async with asker(CALLS_A_MINUTE, tuple(dict.fromkeys(secrets))) as asking, asyncio.TaskGroup() as group:
        found = [group.create_task(asking.once(_request(provider, key))) for provider, key in asked]
    return [each.result() for each in found]


def _request(provider: Provider, key: Credential) -> UpstreamRequest:
    dialect = next(iter(provider.endpoints))
    model = next(iter(provider.models), NO_MODEL)
    candidate = Candidate(provider, model, dialect, credential=None if key is ONLY else key)
    headers = upstream_headers(candidate, NO_HEADERS, dialect, stream=False)
    sent = tuple(pair for pair in headers if pair[0] != "content-type")
    deadlines = replace(DEADLINES, connect=provider.deadlines.connect)
    return UpstreamRequest(list_url(candidate), sent, b"", deadlines, "GET")


def _judged(provider: Provider, key: Credential, answer: Answered) -> Finding:
    name = f"key of {provider.id}" if key is ONLY else f"key {key.id} of {provider.id}"
    if provider.key is None and key is ONLY:
        name = provider.id
    if answer.status == 0:
        mend = "check baseUrl, the network and the proxy"
        return Finding(name, "failed", f"the provider cannot be asked: {answer.text}", mend)
    if answer.status in REFUSED:
        text = f"the provider refuses it ({answer.status})"
        return Finding(name, "failed", text, f"llr config key set --provider {provider.id}")
    if answer.status in NO_SUCH_PLACE:
        text = f"the provider lists no models ({answer.status}): whether the key is good is not known"
        return Finding(name, "note", text, f"llr config provider test {provider.id}")
    if answer.status == TOO_MANY:
        return Finding(
            name, "note", "the provider says that a rate limit is reached", f"llr config limits set {provider.id}"
        )
    if answer.status >= 400:
        return Finding(name, "warning", f"the provider answers {answer.status}", "try again later")
    return Finding(name, "ok", f"accepted in {answer.seconds * 1000:.0f} ms")


def clock(answers: Iterable[Answered], now: float) -> Iterable[Finding]:
    """Whether this machine's clock is right, by the clocks of the providers; by the median, one of which may be wrong
    itself. Source of the header: RFC 9110 §6.6.1."""
    skews = sorted(skew for each in answers if (skew := _skew(each, now)) is not None)
    if not skews:
        return
    skew = skews[len(skews) // 2]
    if abs(skew) <= SKEW_WARNED:
        yield Finding("clock", "ok", "it agrees with the providers'")
        return
    text = f"it is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the providers'"
    state: State = "failed" if abs(skew) > SKEW_FAILED else "warning"
    yield Finding("clock", state, text, "set the clock (timedatectl set-ntp true)")


def _skew(answer: Answered, now: float) -> float | None:
    try:
        return now - parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return None
