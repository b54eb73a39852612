"""The budget gate of `plan`: whether an estimate stays below what somebody allows."""

from collections.abc import Iterator
from decimal import Decimal

from orchestrator.model.errors import WrongUsage
from orchestrator.model.forecast import Forecast


def beyond_budget(found: Forecast, cost: tuple[Decimal, str] | None, minutes: float | None) -> Iterator[str]:
    """Say in words where the most that is expected lies above what is allowed: money in a currency, minutes.

    Raises WrongUsage where that cannot be judged: nobody knows what a call costs, or only in another currency.
    """
    if cost is not None:
        allowed, currency = cost
        if found.cost is None or (found.currency is None and found.starts.high):
            raise WrongUsage(f"--max-cost cannot be judged: {found.cost_from}; give the target file its `rates`")
        if found.currency not in (None, currency):
            raise WrongUsage(
                f"--max-cost is in {currency}, and calls are charged in {found.currency}: write it in that"
            )
        if Decimal(str(found.cost.high)) > allowed:
            most = f"{found.cost.high:,.2f} {currency}"
            yield f"the estimate of cost is up to {most}, and --max-cost allows {allowed:,} {currency}"
    if minutes is not None and found.minutes.high > minutes:
        yield f"the estimate of minutes is up to {found.minutes.high:,.1f}, and --max-minutes allows {minutes:,.6g}"
