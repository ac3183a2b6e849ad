"""``ctcollect pace``."""

import click

from ctcollect.cli.common import print_table, ready_store
from ctcollect.coordinator import shares
from ctcollect.coordinator.context import context
from ctcollect.errors import BrokerUnavailable
from ctcollect.rates import parse_rate

AUTO = "auto"
SHOWN = ("host", "queues", "ceiling", "set by", "workers", "each")


@click.command()
@click.argument("host", required=False)
@click.argument("rate", required=False)
def pace(host: str | None, rate: str | None) -> None:
    """How often the whole fleet may ask HOST: RATE is 5/s, 30/m or 600/h; 'auto': as the catalogue says.

    Running workers keep to it at once. Without arguments: every host with its ceiling.
    """
    store = ready_store()
    if host is None:
        with store.reading() as session:
            print_table(SHOWN, map(_row, shares.shares(session).values()))
        return
    if rate is None:
        raise click.UsageError(f"say how often {host} may be asked: 5/s, 30/m, 600/h or auto")
    per_second = None if rate == AUTO else parse_rate(rate)
    share = shares.set_pace(context(), host.lower(), per_second)
    click.echo(f"{share.host}: {_shown(share.ceiling_per_second)} for the fleet, {_workers(share)}")
    try:
        shares.tell_workers(context(), share)
    except BrokerUnavailable as error:
        click.echo(f"but {error}: workers learn it from their next orders", err=True)


def _row(share: shares.Share) -> tuple[str, str, str, str, int, str]:
    said_by = "you" if share.is_set else "catalogue"
    ceiling, each = _shown(share.ceiling_per_second), _shown(share.per_second)
    return share.host, ",".join(share.queues), ceiling, said_by, share.workers, each


def _workers(share: shares.Share) -> str:
    return f"{_shown(share.per_second)} for each of {share.workers} running worker{'s' * (share.workers != 1)}"


def _shown(per_second: float) -> str:
    if not per_second:
        return "no ceiling"
    return f"{per_second:.3g}/s" if per_second >= 1 else f"{60 * per_second:.3g}/m"
