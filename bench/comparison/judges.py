"""What a row makes of its pairs: one number, which is held against a goal."""
import math
import statistics
import typing


class Judge(typing.NamedTuple):
    """How pairs become a number, and how it is written."""
    value: typing.Callable
    form: str


class Goal(typing.NamedTuple):
    limit: float
    sign: str
    is_time: bool = False  # one that was set on a machine of a known speed
    slowness: float = 1.0

    def on(self, slowness):
        """The goal on a machine that is so many times slower."""
        return self._replace(slowness=slowness)

    def holds(self, value):
        limit = self.limit * self.slowness
        return value <= limit if self.sign == '<=' else value >= limit

    def __str__(self):
        scale = ' x %.1f' % self.slowness if self.slowness > 1 else ''
        return '%s %g%s' % (self.sign, self.limit, scale)


def at_most(limit):
    return Goal(limit, '<=')


def within(limit):
    """Of a time that has nothing to be measured against."""
    return Goal(limit, '<=', is_time=True)


def at_least(limit):
    return Goal(limit, '>=')


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)]


def fit(points):
    """The exponent of a straight line through points on logarithmic axes, and the factor before it."""
    logs = [(math.log(size), math.log(value)) for size, value in points]
    x0, y0 = (statistics.mean(axis) for axis in zip(*logs))
    exponent = sum((x - x0) * (y - y0) for x, y in logs) / sum((x - x0) ** 2 for x, _ in logs)
    return exponent, math.exp(y0 - exponent * x0)


def exponent(pairs):
    """That of all sizes or of the largest three, whichever is more: what a run costs anyway makes the small ones look alike."""
    points = medians(pairs)
    return max(fit(points)[0], fit(points[-3:])[0])


def medians(pairs):
    """Of pairs of a size and what it cost, one for each size."""
    return [(size, statistics.median(value for other, value in pairs if other == size)) for size in sorted({size for size, _ in pairs})]


RATIO = Judge(lambda pairs: statistics.median(ours / theirs for ours, theirs in pairs), '%.3f')
MORE = Judge(lambda pairs: statistics.median(ours - theirs for ours, theirs in pairs), '%+.2f')
MEDIAN = Judge(lambda pairs: statistics.median(ours for ours, _ in pairs), 'p50 %.2f')
MEAN = Judge(lambda pairs: statistics.mean(ours for ours, _ in pairs), 'mean %.2f')
P99 = Judge(lambda pairs: percentile([ours for ours, _ in pairs], 99), 'p99 %.2f')
LARGEST = Judge(lambda pairs: max(ours for ours, _ in pairs), 'most %.1f')
EXPONENT = Judge(exponent, 'n^%.2f')
