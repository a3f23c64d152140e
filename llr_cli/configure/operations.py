"""The table of operations: what each is called, which flags it takes, and the function that does it."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llr_cli.configure import (
    aliases,
    keys,
    limits,
    look,
    migrate,
    models,
    places,
    prepare,
    providers,
    quota,
    rename,
    shown,
    values,
)
from llr_cli.configure import flag_table as flags
from llr_cli.configure.call import Call, Result, Table
from llr_cli.configure.flags import Flag, Given
from llr_cli.configure.text import Config

type Edit = Callable[[Config, Given], Config]


@dataclass(frozen=True, slots=True)
class Operation:
    """An edit has `edit`, and perhaps `prepare`, which asks the world for what is not given, and `show`; any other
    operation has `act`. `warn` says what a person should know of what was given."""

    name: str
    title: str
    flags: tuple[Flag, ...]
    synonyms: tuple[str, ...] = ()
    edit: Edit | None = None
    act: Callable[[Call], Result] | None = None
    prepare: Callable[[Call], Call] | None = None
    show: Callable[[Config, Given], Table] | None = None
    warn: Callable[[Given], list[str]] | None = None


def _provider(config: Config, given: Given) -> Table:
    return shown.provider_table(config, providers.provider_id(given))


def _alias(config: Config, given: Given) -> Table:
    return shown.alias_table(config, aliases.alias_id(given))


def _buckets(config: Config, given: Given) -> Table:
    return shown.bucket_table(config, places.slug(given["provider-id"]))


def _late(module: str, function: str) -> Callable[[Call], Result]:
    """What is imported when it is done: most edits need none of it."""

    def act(call: Call) -> Result:
        found: Callable[[Call], Result] = getattr(importlib.import_module(f"llr_cli.configure.{module}"), function)
        return found(call)

    return act


def _saved(edit: Edit) -> Edit:
    """`edit`, and what a trial of the provider found. A masterKey may come with it; source: the predecessor's flags."""

    def saved(config: Config, given: Given) -> Config:
        config = edit(config, given)
        if "record" in given:
            from llr_cli.configure.probe import saved as with_record

            config = with_record(config, given)
        return keys.set_master(config, given) if given.get("master-key") else config

    return saved


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "upsert-provider",
        "Provider Saved",
        flags.PROVIDER,
        ("add-provider", "edit-provider"),
        edit=_saved(providers.upsert),
        prepare=prepare.tried_provider,
        show=_provider,
    ),
    Operation("remove-provider", "Provider Removed", flags.PROVIDER_ID, edit=providers.remove),
    Operation("remove-model", "Model Removed", flags.MODEL, edit=models.remove),
    Operation(
        "upsert-model-alias",
        "Model Alias Saved",
        flags.ALIAS,
        ("set-model-alias",),
        edit=aliases.upsert,
        show=_alias,
    ),
    Operation("remove-model-alias", "Model Alias Removed", flags.ALIAS_ID, edit=aliases.remove),
    Operation(
        "set-provider-rate-limits",
        "Rate-Limit Buckets Updated",
        flags.BUCKETS,
        ("set-rate-limits",),
        edit=limits.edit,
        show=_buckets,
    ),
    Operation("set-model-fallbacks", "Model Fallbacks Saved", flags.FALLBACKS, edit=models.fallbacks),
    Operation("set-quota-probe", "Quota Probe Saved", flags.QUOTA, ("set-provider-quota-probe",), edit=quota.edit),
    Operation(
        "set-master-key",
        "Master Key Saved",
        flags.MASTER_KEY,
        edit=keys.set_master,
        prepare=prepare.master_key,
        warn=keys.warnings,
    ),
    Operation(
        "set-amp-config",
        "AMP Saved",
        flags.AMP,
        ("set-amp",),
        act=_late("amp_client", "configure"),
        prepare=prepare.amp,
    ),
    Operation(
        "set-amp-client-routing",
        "AMP Client Routing",
        flags.AMP_CLIENT,
        act=_late("amp_client", "route"),
        prepare=prepare.amp,
    ),
    Operation("set-codex-cli-routing", "Codex Routing", flags.ROUTING, act=_late("routing", "codex")),
    Operation("set-claude-code-routing", "Claude Code Routing", flags.ROUTING, act=_late("routing", "claude_code")),
    Operation(
        "set-claude-code-effort-level",
        "Claude Code Effort Level",
        flags.ROUTING,
        act=_late("routing", "claude_code_effort"),
    ),
    Operation("set-factory-droid-routing", "Factory Droid Routing", flags.ROUTING, act=_late("routing", "factory")),
    Operation("migrate-config", "Configuration Migrated", flags.MIGRATE, edit=migrate.migrate, prepare=prepare.migrate),
    Operation("test-provider", "Provider Test", flags.TEST, act=_late("probe", "test_provider")),
    Operation("discover-provider-models", "Provider Models", flags.DISCOVER, act=_late("probe", "discover")),
    Operation("litellm-context-lookup", "LiteLLM Context Lookup", flags.LOOKUP, act=_late("catalogue", "lookup")),
    Operation("list", "Current Router Configuration", (), ("list-routing",), act=look.listed),
    Operation("validate", "Config Validation", (), act=look.validated),
    Operation("snapshot", "Snapshot", (), act=look.snapshot),
    Operation("tool-status", "Coding Tool Routing Status", flags.ROUTING[1:2], act=_late("elsewhere", "tool_status")),
    Operation("startup-install", "OS Startup Service", flags.STARTUP, act=_late("elsewhere", "startup_install")),
    Operation("startup-uninstall", "OS Startup Service", (), act=_late("elsewhere", "startup_uninstall")),
    Operation("startup-status", "OS Startup Service Status", (), act=_late("elsewhere", "startup_status")),
    # what the predecessor had no operation for
    Operation("list-providers", "Providers", (), act=look.listed_providers),
    Operation("list-aliases", "Model Aliases", (), act=look.listed_aliases),
    Operation("list-fallbacks", "Model Fallbacks", (), act=look.listed_fallbacks),
    Operation("list-rate-limits", "Rate-Limit Buckets", (), act=look.listed_limits),
    Operation("show-default-model", "Default Model", (), act=look.default_model),
    Operation("show-amp", "AMP", (), act=look.amp),
    Operation("add-models", "Models Added", flags.MODEL_ADD, edit=models.add, show=_provider),
    Operation("edit-model", "Model Saved", flags.MODEL_EDIT, edit=models.edit),
    Operation("rename-model-alias", "Model Alias Renamed", flags.RENAME_ALIAS, edit=rename.alias),
    Operation("rename-provider", "Provider Renamed", flags.RENAME_PROVIDER, edit=rename.provider),
    Operation("set-default-model", "Default Model Saved", flags.DEFAULT, edit=aliases.set_default),
    Operation("enable-provider", "Provider Switched", flags.SWITCH, ("disable-provider",), edit=providers.switch),
    Operation("set-value", "Value Saved", flags.VALUE, edit=values.set_value),
    Operation("unset-value", "Value Removed", flags.VALUE[:1], edit=values.unset_value),
    Operation(
        "create-provider",
        "Provider Saved",
        flags.PROVIDER,
        edit=_saved(providers.add),
        prepare=prepare.provider,
        show=_provider,
    ),
    Operation(
        "change-provider",
        "Provider Saved",
        flags.PROVIDER,
        edit=_saved(providers.edit),
        prepare=prepare.provider,
        show=_provider,
    ),
    Operation("create-model-alias", "Model Alias Saved", flags.ALIAS, edit=aliases.add, show=_alias),
    Operation("change-model-alias", "Model Alias Saved", flags.ALIAS, edit=aliases.edit, show=_alias),
)

BY_NAME: Mapping[str, Operation] = {name: each for each in OPERATIONS for name in (each.name, *each.synonyms)}
