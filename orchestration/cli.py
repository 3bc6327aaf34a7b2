"""The command line: ``python -m orchestration`` and demo, run, preview, collect, land, build,
publish, pseudonym, show or ui.

Each command is a thin reading of arguments around :mod:`orchestration.pipeline`; ``make`` targets
call it. Exit status: 0 all good, 1 a check failed or a delivery was refused, 2 wrong configuration
or nothing could be done, 130 interrupted.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from orchestration.exports.config import ConfigError, ExportsConfig, load_exports
from orchestration.project import ROOT, exports_file, home, prepare_environment

DEMO_ROWS = 200_000
# What their retries come to is said once, in a refusal.
CHATTY = ("gcsfs", "adlfs", "azure", "s3fs", "aiobotocore", "botocore")
MEMORY = re.compile(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", re.IGNORECASE)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m orchestration", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="sample estate, then everything run does")
    demo.add_argument("--rows", type=int, default=DEMO_ROWS, help="bill rows to generate")
    run = commands.add_parser("run", help="land, build, check and publish")
    run.add_argument("--full-refresh", action="store_true", help="rebuild every billing period")
    land = commands.add_parser("land", help="land new deliveries only")
    collect = commands.add_parser("collect", help="ask clouds for the live inventories now")
    collect.add_argument("--only", action="append", metavar="NAME", help="this inventory only")
    for command in (run, land):
        command.add_argument("--only", action="append", metavar="EXPORT", help="this export only")
    build = commands.add_parser("build", help="build and check what changed")
    build.add_argument("--full-refresh", action="store_true")
    publish = commands.add_parser("publish", help="publish the last build")
    publish.add_argument("--parquet", action="store_true", help="write Parquet files as well")
    trial = commands.add_parser("preview", help="what changed rules of ownership would move")
    trial.add_argument(
        "--seeds", type=Path, metavar="FOLDER", help="policies instead of the edited seeds/policy"
    )
    _add_statement_commands(commands)
    old = commands.add_parser("prune", help="delete what retention_rules no longer keeps")
    old.add_argument("--dry-run", action="store_true", help="only tell what would go")
    names = commands.add_parser("pseudonym", help="what stands for a person, to write rules with")
    names.add_argument("texts", nargs="+", metavar="TEXT")
    commands.add_parser("show", help="print the figures of what is published")
    commands.add_parser("ui", help="start Dagster's user interface")
    options = parser.parse_args(arguments)
    # Tables keep their columns when output goes to a file or a narrow pipe.
    console = Console() if sys.stdout.isatty() else Console(width=120)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with _interrupts_noted() as interrupts:
        try:
            status = COMMANDS[options.command](options, console)
        except ConfigError as error:
            text = escape(str(error))
            console.print(f"[bold red]Configuration:[/] {text}", highlight=False, soft_wrap=True)
            return 2
        except (Exception, KeyboardInterrupt):
            if not interrupts:
                raise
        if interrupts:
            console.print("Interrupted. What was published before stays; run again to go on.")
            return 130
        return status


def _add_statement_commands(commands: Any) -> None:
    close = commands.add_parser("close", help="close a month: what was stated no longer changes")
    close.add_argument("--again", action="store_true", help="by today's rules, if closed before")
    reopen = commands.add_parser("reopen", help="open a closed month again")
    export = commands.add_parser("export-statement", help="write a month's posting file")
    export.add_argument("--to", type=Path, required=True, metavar="FILE")
    export.add_argument("--basis", choices=("billed", "effective"), default="billed")
    for command in (close, reopen, export):
        command.add_argument("month", help="billing month, YYYY-MM")
        command.add_argument("--source", action="append", metavar="EXPORT", help="this one only")
    for command in (close, reopen):
        command.add_argument("--reason", default="", help="who decided and why; kept with it")


@contextmanager
def _interrupts_noted() -> Iterator[list[Any]]:
    """Note Ctrl-C when it comes: DuckDB and dbt turn it into errors of their own on its way up."""
    noted: list[Any] = []
    usual = signal.getsignal(signal.SIGINT)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or usual is not signal.default_int_handler:
        yield noted
        return

    def note(number: int, _frame: Any) -> None:
        noted.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, usual)


def _estate_digest() -> str:
    """Changes with the generator, so that an older sample estate is made anew."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "sample_estate").rglob("*")):
        if path.suffix in (".py", ".csv"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _demo(options: argparse.Namespace, console: Console) -> int:
    from sample_estate import generate

    # A folder of its own, so that sample bills and yours never meet in one table.
    named = os.environ.get("AI_FINOPS_HOME")
    data = _data_folder(home() if named else home() / "demo")
    started = time.monotonic()
    estate = data / "sample_estate"
    made_with = estate / ".made_with"
    recipe = f"{options.rows} rows by {_estate_digest()}"
    if not (made_with.exists() and made_with.read_text() == recipe):
        console.print(f"Generating a sample estate of about {options.rows:,} bill rows ...")
        shutil.rmtree(estate, ignore_errors=True)
        generate(estate, rows=options.rows, telemetry=True)
        made_with.write_text(recipe)
    status = _refresh(load_exports(estate / "exports.yml"), data, console)
    console.print(f"Demo finished in {time.monotonic() - started:.0f} s.")
    return status


def _run(options: argparse.Namespace, console: Console) -> int:
    config = load_exports(_exports())
    return _refresh(config, _data_folder(), console, only=options.only, full=options.full_refresh)


def _refresh(
    config: ExportsConfig,
    data: Path,
    console: Console,
    only: list[str] | None = None,
    full: bool = False,
) -> int:
    # Imported here: dbt and DuckDB cost 2 s that --help and configuration errors need not pay.
    from orchestration import pipeline, report
    from orchestration.quality.messages import print_policies

    with report.build_progress(console) as progress:
        outcome = pipeline.run_pipeline(
            config, data, only=only, full_refresh=full, build_progress=progress
        )
    _say_collected(console, outcome.collected)
    report.print_landing(console, outcome.landing)
    report.print_build(console, outcome.build)
    print_policies(console, outcome.policies)
    if outcome.published is None:
        return 1
    report.print_figures(console, data)
    report.print_refused(console, outcome.landing)
    return 1 if outcome.landing.refusals else 0


def _collect(options: argparse.Namespace, console: Console) -> int:
    from orchestration.exports.collecting import collect

    outcome = collect(load_exports(_exports()), _data_folder(), only=options.only)
    _say_collected(console, outcome)
    if not outcome:
        _say(console, "No inventory of exports.yml is live; docs/landing.md says how one becomes.")
    refusals = [text for source in outcome for text in source.refusals()]
    for text in refusals:
        console.print(f"[bold red]Refused[/] {escape(text)}", highlight=False, soft_wrap=True)
    return 1 if refusals else 0


def _say_collected(console: Console, outcome: list[Any]) -> None:
    for source in outcome:
        _say(console, source.line())


def _land(options: argparse.Namespace, console: Console) -> int:
    from orchestration import report
    from orchestration.exports.landing import land

    landing = land(load_exports(_exports()), _data_folder(), only=options.only)
    report.print_landing(console, landing)
    return 1 if landing.refusals else 0


def _build(options: argparse.Namespace, console: Console) -> int:
    from orchestration import pipeline, report

    with report.build_progress(console) as progress:
        outcome = pipeline.build_step(
            _data_folder(), full_refresh=options.full_refresh, force=True, progress=progress
        )
    report.print_build(console, outcome)
    return 0 if outcome.ok else 1


def _close(options: argparse.Namespace, console: Console) -> int:
    from orchestration.closing.closing import MonthNotClosable, close, reopen

    data = _data_folder(_data_or_demo(console))
    try:
        if options.again:
            reopen(data, options.month, options.source, options.reason)
            _say(console, f"{options.month} is open; it is attributed by today's rules.")
            if _rebuilt(data, console):
                return 1
        for closing in close(data, options.month, options.source, options.reason):
            billed = ", ".join(f"{sum_:,.2f} {name}" for name, sum_ in closing.billed.items())
            _say(console, f"Closed {closing.source_name} {closing.billing_period}: {billed}.")
    except MonthNotClosable as refusal:
        _say(console, str(refusal))
        return 1
    return _rebuilt(data, console)


def _reopen(options: argparse.Namespace, console: Console) -> int:
    from orchestration.closing.closing import MonthNotClosable, reopen

    data = _data_folder(_data_or_demo(console))
    try:
        for closed in reopen(data, options.month, options.source, options.reason):
            _say(console, f"Reopened {closed.source_name} {closed.billing_period}.")
    except MonthNotClosable as refusal:
        _say(console, str(refusal))
        return 1
    return _rebuilt(data, console)


def _rebuilt(data: Path, console: Console) -> int:
    """Build and publish what closing has changed; the exit status."""
    from orchestration import pipeline, report
    from orchestration.publishing.publish import publish
    from orchestration.quality.gate import check_policies

    with report.build_progress(console) as progress:
        outcome = pipeline.build_step(data, progress=progress)
    report.print_build(console, outcome)
    if not outcome.ok or check_policies(data).blocks:
        return 1
    publish(data)
    return 0


def _export_statement(options: argparse.Namespace, console: Console) -> int:
    from orchestration.publishing.finance_export import StatementNotExported, export_statement

    data = _data_folder(_data_or_demo(console))
    try:
        done = export_statement(data, options.month, options.to, options.source, options.basis)
    except StatementNotExported as refusal:
        _say(console, str(refusal))
        return 1
    for (source, account, currency, period), total in done.totals.items():
        _say(console, f"{source} {account} {period}: {total:,f} {currency}")
    _say(console, f"{done.lines} lines in {done.path}")
    if done.provisional:
        _say(console, f"Not closed, so figures may still move: {', '.join(done.provisional)}.")
    return 0


def _publish(options: argparse.Namespace, console: Console) -> int:
    from orchestration.publishing.publish import publish, publish_parquet
    from orchestration.quality.gate import check_policies
    from orchestration.quality.messages import print_policies

    data = _data_folder()
    policies = check_policies(data)
    print_policies(console, policies)
    if policies.blocks:
        return 1
    published = publish(data)
    _say(console, f"Published {published.relations} tables and views to {published.path}")
    if options.parquet:
        written = publish_parquet(data)
        _say(console, f"Parquet: {written / 1e6:,.1f} MB below {published.path.parent}/parquet")
    return 0


def _preview(options: argparse.Namespace, console: Console) -> int:
    from orchestration.preview import NothingToCompare, preview
    from orchestration.preview.report import print_preview

    try:
        found = preview(_data_folder(_data_or_demo(console)), options.seeds)
    except NothingToCompare as refused:
        _say(console, f"No preview: {refused}")
        return 2
    print_preview(console, found)
    return 1 if found.failures else 0


def _prune(options: argparse.Namespace, console: Console) -> int:
    from orchestration.retention import prune

    outcomes = prune(_data_folder(), dry_run=options.dry_run)
    for outcome in outcomes:
        _say(console, str(outcome))
    gone = sum(outcome.bytes for outcome in outcomes if not outcome.kept_because)
    freed = "would be freed; nothing was deleted" if options.dry_run else "freed"
    _say(console, f"{gone / 1e6:,.1f} MB {freed}.")
    return 0


def _pseudonym(options: argparse.Namespace, console: Console) -> int:
    from orchestration.privacy import pseudonym

    for text in options.texts:
        _say(console, pseudonym(text))
    return 0


def _show(options: argparse.Namespace, console: Console) -> int:
    from orchestration import report

    report.print_figures(console, _data_or_demo(console))
    return 0


def _ui(options: argparse.Namespace, console: Console) -> int:
    data = _data_folder(_data_or_demo(console))
    instance = data / "dagster"
    instance.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "orchestration" / "dagster.yaml", instance / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(instance)
    # Advice to Dagster's developers about `dagster dev`; it works and needs no project of dg's.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:Function `dev_command`")
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.execv(dagster, [dagster, "dev", "-m", "orchestration.definitions"])


def _data_or_demo(console: Console) -> Path:
    """The data folder, or the demo's where no exports are named yet but the demo was run."""
    demo = home() / "demo"
    estate = demo / "sample_estate" / "exports.yml"
    if exports_file().exists() or not estate.exists():
        return home()
    _say(console, f"No {exports_file().name} yet: this is the demo in {demo}.")
    os.environ["AI_FINOPS_EXPORTS"] = str(estate)
    return demo


def _exports() -> Path:
    path = exports_file()
    if not path.exists():
        raise ConfigError(
            str(path),
            None,
            "the file does not exist.",
            "Copy exports.example.yml to it and name your exports there, or point "
            "AI_FINOPS_EXPORTS at another file; `make demo` needs neither.",
        )
    return path


def _data_folder(data: Path | None = None) -> Path:
    """The data folder, made ready; ConfigError where a variable of the environment is wrong."""
    memory = os.environ.get("AI_FINOPS_MEMORY")
    if memory is not None and not MEMORY.fullmatch(memory.strip()):
        raise ConfigError(
            "AI_FINOPS_MEMORY", None, f"{memory!r} is no amount of memory.", "Write it as 3GB."
        )
    data = data or home()
    try:
        return prepare_environment(data)
    except OSError as error:
        raise ConfigError(
            str(data),
            None,
            f"cannot be the data folder: {error.strerror}.",
            "Point AI_FINOPS_HOME at a folder that you may write to.",
        ) from error


def _say(console: Console, text: str) -> None:
    """Print a line as it is: no markup read from paths, no colours, no breaks inside a path."""
    console.print(text, highlight=False, markup=False, soft_wrap=True)


COMMANDS = {
    "demo": _demo,
    "run": _run,
    "collect": _collect,
    "land": _land,
    "build": _build,
    "publish": _publish,
    "preview": _preview,
    "close": _close,
    "reopen": _reopen,
    "export-statement": _export_statement,
    "prune": _prune,
    "pseudonym": _pseudonym,
    "show": _show,
    "ui": _ui,
}
