"""Operations that only look: list, validate, snapshot."""

import json
from typing import Any

from addons.config import ConfigProblem, load
from llr_cli.configure import shown
from llr_cli.configure.call import Call, Result, Table
from llr_cli.configure.masking import masked_data
from llr_cli.configure.migrate import version
from llr_cli.configure.models import fallback_refs
from llr_cli.configure.store import checked
from llr_cli.configure.text import Config
from llr_cli.exits import Exit


def listed(call: Call) -> Result:
    """Everything that routes: providers, aliases, limits, fallbacks, AMP."""
    config = call.store.read()
    tables = [shown.provider_table(config), shown.alias_table(config), shown.bucket_table(config)]
    tables += [shown.fallback_table(config), *shown.amp_tables(config)]
    lines = [
        f"{call.store.file}",
        f"default model: {shown.default_model(config) or 'none'}",
        f"master key: {shown.master_key(config) or 'none'}",
    ]
    facts = {"file": str(call.store.file), **shown.everything(config)}
    return Result("Current Router Configuration", facts, lines, [table for table in tables if table.rows])


def validated(call: Call) -> Result:
    """What the router's own loader says."""
    file = call.store.file
    exists = file.exists()
    config = call.store.read()
    warnings, problems = checked(config.text, call.env) if exists else ((), _missing(call))
    readable = not any("invalid JSON" in problem for problem in problems)
    counted = config if readable and not problems else Config("")
    facts: dict[str, Any] = {
        "file": str(file),
        "exists": exists,
        "valid": not problems,
        "version": version(counted),
        "providers": len(shown.providers(counted)),
        "aliases": len(shown.aliases(counted)),
        "rateLimitBuckets": sum(map(len, shown.buckets(counted).values())),
        "masterKey": shown.master_key(counted) is not None,
    }
    rows = [
        ("Config File", str(file)),
        ("Exists", _word(exists)),
        ("JSON Parse", "ok" if readable else "failed"),
        ("Validation", "failed" if problems else "ok"),
        ("Schema Version", str(facts["version"])),
        ("Providers", str(facts["providers"])),
        ("Model Aliases", str(facts["aliases"])),
        ("Rate-Limit Buckets", str(facts["rateLimitBuckets"])),
        ("Master Key Configured", _word(facts["masterKey"])),
        ("Issues", str(len(problems))),
    ]
    return Result(
        "Config Validation",
        facts,
        tables=[Table(("Field", "Value"), rows, "Config Validation")],
        warnings=warnings,
        problems=problems,
        exit=Exit.FAILURE if problems else Exit.OK,
    )


def snapshot(call: Call) -> Result:
    """The whole document, keys masked, and who runs by it."""
    from addons.edge.instance import instances

    config = call.store.read()
    running = [{"pid": each.pid, "port": each.port} for each in instances(call.env)]
    document = masked_data(config.data)
    facts = {"file": str(call.store.file), "config": document, "routers": running}
    return Result("Snapshot", facts, lines=[json.dumps(document, indent=2, ensure_ascii=False)])


def listed_providers(call: Call) -> Result:
    config = call.store.read()
    return _part(call, {"providers": shown.providers(config)}, shown.provider_table(config), "no providers yet")


def listed_aliases(call: Call) -> Result:
    config = call.store.read()
    return _part(call, {"aliases": shown.aliases(config)}, shown.alias_table(config), "no aliases yet")


def listed_fallbacks(call: Call) -> Result:
    config = call.store.read()
    return _part(call, {"fallbacks": fallback_refs(config)}, shown.fallback_table(config), "no model has fallbacks")


def listed_limits(call: Call) -> Result:
    config = call.store.read()
    return _part(call, {"rateLimits": shown.buckets(config)}, shown.bucket_table(config), "no rate limits yet")


def default_model(call: Call) -> Result:
    found = shown.default_model(call.store.read())
    return Result("Default Model", {"defaultModel": found}, [found or "none"])


def amp(call: Call) -> Result:
    config = call.store.read()
    tables = shown.amp_tables(config)
    return Result("AMP", {"amp": shown.amp(config)}, [] if tables else ["no amp block yet"], tables)


def _part(call: Call, facts: dict[str, Any], table: Table, none: str) -> Result:
    facts = {"file": str(call.store.file), **facts}
    return Result("", facts, [] if table.rows else [none], [table] if table.rows else [])


def _missing(call: Call) -> tuple[str, ...]:
    try:
        load(call.store.file, call.env)
    except ConfigProblem as problem:
        return tuple(problem.problems)
    return ()


def _word(value: bool) -> str:
    return "yes" if value else "no"
