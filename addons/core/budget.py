"""The budget of retries: a provider that is down must not get several times its load on top (promise 25).

A retry asks *the same target* once more. At most a tenth as many of them are allowed as requests came in, over a
sliding window, and of one target at most a tenth as many as it was asked for the first time: otherwise a target that
has one percent of the traffic could be retried ten times over. Going on to another target is no retry: it is a first
attempt there, is never refused here, and is counted as one.
A floor keeps the tool of a single user working, whose few requests would earn no retry at all.
Source: the retry budgets of Google's SRE book, "Handling Overload".
"""

from addons.core.rolling import Rolling


class RetryBudget:
    """`now` is monotonic. `floor` is how many retries a window allows whatever the number of requests."""

    def __init__(self, ratio: float = 0.1, floor: int = 10, window: float = 30.0) -> None:
        assert ratio >= 0 and floor >= 0, "a budget is not negative"
        self._ratio = ratio
        self._floor = floor
        self._window = window
        self._all = Rolling(window)
        self._targets: dict[str, Rolling] = {}

    def request(self, now: float) -> None:
        """A client's request has come in."""
        self._all.add(now, 1, 0)

    def asked(self, target: str, now: float) -> None:
        """A target (`provider/model`) is asked for the first time on behalf of a request, as origin or as fallback."""
        self._of(target).add(now, 1, 0)

    def allowed(self, target: str, now: float) -> bool:
        """Whether the target may be asked once more; nothing is taken."""
        return self._left(self._all, now) and self._left(self._of(target), now)

    def retry(self, target: str, now: float) -> bool:
        """Takes one retry out of the budget. False: there is none left, the request goes on to another target."""
        if not self.allowed(target, now):
            return False
        self._all.add(now, 0, 1)
        self._of(target).add(now, 0, 1)
        return True

    def _left(self, counts: Rolling, now: float) -> bool:
        firsts, retries = counts.totals(now)
        return retries + 1 <= max(self._floor, self._ratio * firsts)

    def _of(self, target: str) -> Rolling:
        known = self._targets.get(target)
        if known is None:
            known = self._targets[target] = Rolling(self._window)
        return known
