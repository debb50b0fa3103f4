"""``imageprep ledger``: the ledger on a server."""

from __future__ import annotations

from typing import Annotated

import typer

from imu_imageprep.front.cli import options

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The ledger on a server, for its administrator.",
)


@app.callback()
def group() -> None:
    """The ledger on a server, for its administrator."""


@app.command()
def init(
    ledger: options.LedgerFile = None,
    run: Annotated[
        bool, typer.Option("--run", help="Run the SQL on the server instead of printing it.")
    ] = False,
) -> None:
    """Print the SQL that sets a PostgreSQL database up for a ledger, or run it.

    It makes a schema, and the roles imageprep_reader, imageprep_writer and imageprep_eraser. With
    --run, it also brings an older ledger forward; the user of the address needs the right to make
    roles and schemas.

    \b
    Examples:
      imageprep ledger init > ledger.sql
      imageprep ledger init --run --ledger postgresql://admin@db.example.edu/imageprep
    """
    if not run:
        from imu_imageprep.archive import setup_script  # noqa: PLC0415  (not for --help)

        print(setup_script(), end="")
        return
    done = options.desk(ledger).set_up()
    print("The ledger is set up." if done else "The ledger was set up before.")
