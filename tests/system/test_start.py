"""`llr start` as a process: what it says, and how it ends."""

import socket
import time
from typing import Any

import pytest

from harness.process import RouterProcess

CONFIG: dict[str, Any] = {
    "version": 2,
    "providers": [
        {"id": "p", "baseUrl": "http://127.0.0.1:1/v1", "apiKey": "k", "format": "openai", "models": ["m"]},
    ],
    "modelAliases": {"fast": {"targets": ["p/m"]}},
}


async def failed(router: RouterProcess) -> int:
    """The exit code of a router that is not expected to run."""
    await router.spawn()
    return await router.wait()


async def test_it_says_in_one_line_where_it_listens_and_what_it_read() -> None:
    async with RouterProcess(CONFIG) as router:
        expected = f"llr listens on {router.url} (1 provider, 1 alias; config: {router.config_file})\n"
        assert router.stdout == expected
        assert router.stderr == ""


async def test_a_signal_ends_it_well() -> None:
    """Promise 58."""
    async with RouterProcess(CONFIG) as router:
        router.terminate()
        assert await router.wait(5.0) == 0
        assert router.stderr == ""


async def test_a_taken_port_is_named_in_one_line() -> None:
    router = RouterProcess(CONFIG)
    with socket.create_server(("127.0.0.1", router.port)):
        try:
            assert await failed(router) == 1
            assert router.stderr.count("\n") == 1
            assert str(router.port) in router.stderr
        finally:
            await router.stop()


async def test_the_second_router_at_a_port_says_who_the_first_is() -> None:
    """Promise 53."""
    async with RouterProcess(CONFIG) as first:
        second = RouterProcess(CONFIG, "--port", str(first.port), env={"LLM_ROUTER_STATE_DIR": str(first.state_dir)})
        try:
            assert await failed(second) == 1
            assert f"pid {first.pid}" in second.stderr and str(first.config_file) in second.stderr
        finally:
            await second.stop()


async def test_the_file_of_a_killed_router_is_no_obstacle() -> None:
    """Promise 53."""
    async with RouterProcess(CONFIG) as first:
        first.process.kill()
        await first.wait()
        files = list((first.state_dir / "run").iterdir())
        assert [file.name for file in files] == [f"{first.port}.json"]
        await first.spawn()
        await first.ready()
        assert f'"pid": {first.pid}' in files[0].read_text()


async def test_without_a_configuration_it_names_the_command_that_makes_one() -> None:
    router = RouterProcess(CONFIG)
    router.config_file.unlink()
    try:
        assert await failed(router) == 1
        assert "llr config init" in router.stderr
    finally:
        await router.stop()


@pytest.mark.parametrize("options", [("--host", "0.0.0.0"), ("--require-auth",)], ids=["open to all", "no key"])
async def test_it_refuses_to_serve_unprotected(options: tuple[str, ...]) -> None:
    """Promise 38."""
    router = RouterProcess(CONFIG, *options)
    try:
        assert await failed(router) == 1
        assert "masterKey" in router.stderr
    finally:
        await router.stop()


async def test_it_runs_under_mitmdump_with_the_options_after_the_dashes() -> None:
    async with RouterProcess(CONFIG, "--", "--set", "termlog_verbosity=debug") as router:
        assert f"listening at 127.0.0.1:{router.port}" in router.stdout


async def test_it_is_ready_soon() -> None:
    """Loose, because other tests may run beside this one; alone it takes about a second."""
    began = time.monotonic()
    async with RouterProcess(CONFIG):
        assert time.monotonic() - began < 15.0
