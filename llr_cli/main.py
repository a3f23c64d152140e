"""`llr`: mounts the commands. Nothing heavy is imported before a command needs it."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from llr_cli import capture, certs, config, debug, logs, render, replay, route, stats, tools_cmd
from llr_cli.address import DEFAULT_PORT
from llr_cli.ai_help import ai_help
from llr_cli.booleans import Switches, plain
from llr_cli.boundary import guarded
from llr_cli.doctor.command import doctor
from llr_cli.front import Entrance, Mode
from llr_cli.lifecycle import startup
from llr_cli.lifecycle.reclaim import reclaim
from llr_cli.lifecycle.restart import restart
from llr_cli.lifecycle.status import status
from llr_cli.lifecycle.stop import stop
from llr_cli.lifecycle.update import update

app = typer.Typer(
    name="llr",
    help="The intercepting LLM router for coding tools: one local address, every dialect, any provider.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(capture.app, name="capture")
app.add_typer(config.app, name="config")
app.add_typer(certs.app, name="certs")
app.add_typer(route.app, name="route")
app.add_typer(debug.app, name="debug")
app.add_typer(tools_cmd.app, name="tools")
app.add_typer(startup.app, name="startup")

# where the words of a command wait for it
WORDS = "llr.words"


class PassesOn(TyperCommand):
    """A command that passes on what follows `--`, and refuses stray words before it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[WORDS] = tuple(args)
        end = args.index("--") if "--" in args else len(args)
        super().parse_args(ctx, list(plain(args[:end], self.params)))
        passed_on = args[end + 1 :]
        ctx.args = passed_on
        return passed_on


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"llr {version('llr')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(cls=PassesOn, options_metavar="[OPTIONS] [-- MITMDUMP OPTIONS]")
def start(
    context: typer.Context,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="The configuration file; default ~/.llm-router.json.")
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="The port to listen on; 0: any.", envvar="LLM_ROUTER_PORT", min=0, max=65535)
    ] = DEFAULT_PORT,
    require_auth: Annotated[
        bool | None, typer.Option("--require-auth/--no-require-auth", help="Demand the masterKey from every client.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show decisions in x-llm-router-* headers.")] = False,
    grace: Annotated[float, typer.Option(help="Seconds that running streams get when llr is stopped.", min=0)] = 10.0,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Run in the background, once it answers.")] = False,
    log_file: Annotated[Path | None, typer.Option("--log-file", hidden=True)] = None,
    watch_config: Annotated[
        bool, typer.Option("--watch-config/--no-watch-config", help="Read the configuration again when it changes.")
    ] = True,
    watch_binary: Annotated[bool, typer.Option("--watch-binary/--no-watch-binary", hidden=True)] = False,
    mode: Annotated[Mode, typer.Option(help="A router; or one that is a forward proxy as well.")] = Mode.REVERSE,
    proxy_port: Annotated[
        int | None, typer.Option(help="Be a forward proxy on this port, beside the router.", min=1, max=65535)
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Speak HTTPS, by a certificate of `llr certs`.")] = False,
) -> None:
    """Run the router.

    In the foreground, or in the background with --detach; with options after `--`, under mitmdump.
    """
    from llr_cli import start as command

    words = context.meta[WORDS]
    if watch_binary:
        render.note("--watch-binary does nothing here: `llr restart` after an update")
    if context.args and (tls or proxy_port or mode is Mode.PROXY):
        raise typer.BadParameter("mitmdump has its own modes: with options after `--` there is no --mode and no --tls")
    if detach:
        from llr_cli.lifecycle.detach import detach as in_background

        if context.args:
            raise typer.BadParameter("mitmdump wants a terminal: with options after `--` there is no --detach")
        raise typer.Exit(in_background(words, port))
    raise typer.Exit(
        command.start(
            config=config_file,
            host=host,
            port=port,
            require_auth=require_auth,
            debug=debug,
            grace=grace,
            mitmdump_args=list(context.args),
            words=words,
            log_file=log_file,
            watch_config=watch_config,
            entrance=Entrance(mode, proxy_port, tls),
        )
    )


app.command()(stop)
app.command()(restart)
app.command()(status)
app.command()(reclaim)
app.command()(doctor)
app.command("ai-help", cls=Switches)(ai_help)
app.command()(update)
app.command("upgrade", hidden=True)(update)


@app.command()
def reload(
    port: Annotated[int | None, typer.Option(help="The port of the router; default: every router of yours.")] = None,
) -> None:
    """Have a running router read its configuration again.

    It also does so by itself after every change.
    """
    from llr_cli import reload as command

    raise typer.Exit(command.reload(port))


@app.command()
def setup(
    config_file: Annotated[
        Path | None, typer.Option("--config", help="The configuration file; default ~/.llm-router.json.")
    ] = None,
) -> None:
    """Set the router up, question by question.

    Providers, a name for them, a key, tools; and a request that shows that it works.
    """
    from llr_cli.setup import command

    raise typer.Exit(command.setup(config_file))


@app.command(cls=PassesOn, options_metavar="[OPTIONS] -- COMMAND...")
def run(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="What the tool shall ask for: an alias, or provider/model.")] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="A configuration for this run, with a router of its own.")
    ] = None,
    intercept: Annotated[
        bool | None,
        typer.Option(
            "--intercept/--no-intercept", help="Take what it sends to its vendor; default: if nothing is known of it."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show decisions in x-llm-router-* headers.")] = False,
) -> None:
    """Run a coding tool against the router.

    No file is touched: the tool is told by variables and options, or intercepted where it cannot be told. A router that
    runs is used; else there is one for this run. The tool's exit code is passed on.
    """
    from llr_cli import run as command

    if not context.args:
        raise typer.BadParameter("name the tool after `--`, as in `llr run -- claude`")
    raise typer.Exit(command.run(command.Run(context.args, model, config_file, intercept, debug)))


@app.command()
def demo() -> None:
    """Show what llr does, with fake providers.

    Fallback and translation: no key, no network.
    """
    from llr_cli import demo as command

    raise typer.Exit(command.demo())


app.command()(replay.replay)
app.command()(replay.mock)
app.command()(logs.logs)
app.command()(stats.stats)


def main() -> None:
    """The entry point of the `llr` script."""
    guarded(app)


if __name__ == "__main__":
    main()
