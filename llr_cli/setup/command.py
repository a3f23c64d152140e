"""The questions of `llr setup`, in order. Whatever is answered is saved at once, so that a later no loses nothing."""

import os
import sys
from pathlib import Path
from typing import Any

from llr_cli import render
from llr_cli.address import origin
from llr_cli.configure import report
from llr_cli.configure.call import Call, Result
from llr_cli.configure.flags import Given
from llr_cli.configure.operations import BY_NAME
from llr_cli.configure.perform import run
from llr_cli.configure.presets import PRESETS
from llr_cli.configure.presets import preset as preset_named
from llr_cli.configure.refusal import Refused
from llr_cli.configure.store import Store
from llr_cli.exits import Exit
from llr_cli.setup import talk
from llr_cli.setup.around import Near, found
from llr_cli.setup.models import chosen_models

MAIN = "main"
# the names that the tools ask for by themselves
TOOLS_NAMES = ("claude-*", "gpt-*", "gemini-*")


class Setup:
    """One conversation about the configuration at `config` (None: the usual place)."""

    def __init__(self, config: Path | None) -> None:
        self._store = Store.of(config, os.environ)
        self._refs: list[str] = []
        self._name = MAIN

    def run(self) -> int:
        """Gives the exit code: that of the request that was tried at the end."""
        render.prose(
            f"This sets up {render.tilde(self._store.file)}. Enter takes what stands in brackets; Ctrl-C ends, and "
            "what was answered by then is kept."
        )
        self._providers()
        if not self._refs:
            render.error("no provider was set up; `llr setup` can be run again at any time")
            return Exit.FAILURE
        self._alias()
        self._key()
        self._connect_tools()
        return self._try()

    def _providers(self) -> None:
        render.heading("1. Providers")
        self._refs = self._known()
        if self._refs:
            render.prose(f"There are models already: {', '.join(self._refs[:8])}{' …' if len(self._refs) > 8 else ''}")
            if not talk.yes("Add another provider?", default=False):
                return
        near = found(os.environ)
        choices = [f"{each.preset.name} ({each.sign})" for each in near]
        taken = talk.numbers("Which?", [*choices, "another one"], range(min(len(near), 1)) or (0,))
        for position in taken:
            self._provider(near[position] if position < len(near) else self._another())

    def _another(self) -> Near | str:
        """A preset by its name, or a base URL."""
        render.prose(f"llr knows {', '.join(each.id for each in PRESETS)}; or give a base URL.")
        while True:
            said = talk.text("Provider")
            preset = preset_named(said)
            if preset is not None:
                return Near(preset, "")
            if said.startswith(("http://", "https://")):
                return said
            render.failure("a name of the list is expected, or a URL that begins with https:// or http://")

    def _provider(self, near: Near | str) -> None:
        given = self._described(near)
        while True:
            models = chosen_models(self._listed(given))
            try:
                saved = self._do("upsert-provider", {**given, "models": models})
            except Refused as refused:
                report.refusal(refused, as_json=False)
                if not talk.yes("Try again?", default=True):
                    return
                if talk.yes("With another key?", default=False):
                    given = {**given, "api-key": talk.secret("Key")}
                continue
            name = str(given["provider-id"])
            self._refs += [f"{name}/{model}" for model in models]
            for text in saved.warnings:
                render.warning(text)
            render.success(f"{name} answers, and is saved with {', '.join(models)}.")
            return

    def _described(self, near: Near | str) -> dict[str, Any]:
        if isinstance(near, str):
            given: dict[str, Any] = {"provider-id": talk.text("A short name for it", "mine"), "base-url": near}
            key = talk.secret("Key (empty: none)")
            return given | ({"api-key": key} if key else {"auth-type": "none"})
        preset = near.preset
        given = preset.flags(key=False)
        if near.env is not None:
            return given | {"api-key-env": near.env}
        if preset.env is None:
            return given | {"auth-type": "none"}
        key = talk.secret(f"Key of {preset.name}")
        return given | {"api-key": key}

    def _listed(self, given: dict[str, Any]) -> list[str]:
        """What the provider says that it has; nothing when it does not say."""
        try:
            result = self._do("discover-provider-models", given)
        except Refused as refused:
            render.note(f"its models are not listed: {refused.text}")
            return []
        return [str(each["id"]) for each in result.facts["models"]]

    def _alias(self) -> None:
        render.heading("2. A name for them")
        name = talk.text("The name that tools ask for; it goes to these models, in this order", MAIN)
        self._told("upsert-model-alias", {"alias-id": name, "strategy": "ordered", "targets": self._refs})
        self._told("set-default-model", {"default-model": name})
        self._name = name
        render.line("Tools ask for names of their own, too: claude-…, gpt-…, gemini-….")
        if talk.yes(f"Shall {name} answer for those?", default=True):
            for pattern in TOOLS_NAMES:
                self._told("upsert-model-alias", {"alias-id": pattern, "strategy": "ordered", "targets": [name]})

    def _key(self) -> None:
        render.heading("3. A key for clients")
        render.prose(
            "Programs on this machine can use the router without one. Others cannot reach it, unless you have it "
            "listen elsewhere with --host."
        )
        if talk.yes("Make a key that every client must show?", default=False):
            self._told("set-master-key", {"generate-master-key": True})
            self._told("set-value", {"path": "metadata.localServer.requireAuth", "value": "true"})

    def _connect_tools(self) -> None:
        from addons.config import load
        from llr_cli.tools import actions
        from llr_cli.tools.offers import offers, shown_key
        from llr_cli.tools.registry import TOOLS
        from llr_cli.tools.tool import Wiring

        render.heading("4. Tools")
        places = actions.places_of(os.environ)
        there = [tool for tool in TOOLS if actions.installed(tool, places)]
        if not there:
            render.line("No coding tool that llr knows is installed here. `llr tools on` connects one later.")
            return
        plan = load(self._store.file, os.environ).plan
        wiring = Wiring(origin(), shown_key(plan), None, offers(plan))
        for tool in there:
            question = f"Connect {tool.title}? Its settings are edited, `llr tools undo` takes it back"
            if not talk.yes(question, default=False):
                continue
            for done in actions.on(tool, wiring, places, actions.journal_of(places)):
                render.line(f"  {done.file}: {done.problem or 'connected'}")

    def _try(self) -> int:
        from llr_cli.setup.answer import ask

        render.heading("5. A request")
        said = ask(self._store.file, self._name)
        if said.problem or said.status != 200:
            render.error(f"{self._name} did not answer: {said.problem or said.status}")
            render.line("`llr doctor` says more; `llr setup` can be run again at any time.")
            return Exit.FAILURE
        words = " ".join((said.text or said.thought).split())[:200]
        render.success(f"{self._name} answers through {said.model} in {said.seconds:.1f} s: {words}")
        render.prose(
            "\n`llr start` serves it now (`llr start --detach` in the background), and `llr run -- claude` tries it "
            "with a tool, without touching a file."
        )
        return Exit.OK

    def _known(self) -> list[str]:
        from llr_cli.configure import shown

        found = shown.providers(self._store.read())
        return [f"{each['id']}/{model}" for each in found for model in each["models"]]

    def _told(self, operation: str, given: dict[str, Any]) -> None:
        """Raises Refused."""
        outcome = self._do(operation, given).outcome
        for text in outcome.warnings if outcome is not None else ():
            render.warning(text)

    def _do(self, operation: str, given: dict[str, Any]) -> Result:
        """Raises Refused."""
        return run(BY_NAME[operation], Call(Given(given), self._store, os.environ))[1]


def setup(config: Path | None) -> int:
    """Asks, and gives the exit code."""
    if not sys.stdin.isatty():
        render.error("setup asks questions and wants a terminal; `llr config provider add` is for scripts")
        return Exit.USAGE
    try:
        return Setup(config).run()
    except Refused as refused:
        report.refusal(refused, as_json=False)
        return Exit.FAILURE
