"""Store measurements, and print them as ratios."""

from collections import defaultdict
from statistics import median, quantiles


def placed(name: str) -> tuple[str, str]:
    """A case and the process in which it is measured, by default that of the large database."""
    case, _, place = name.rpartition("@") if "@" in name else (name, "", "")
    return case, place


class Measures:
    """Milliseconds of CPU time by case and process, one value per round."""

    def __init__(self):
        self.times: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.bytes: dict[tuple[str, str], int] = {}

    def add(self, name: str, place: str, answer: dict) -> None:
        self.times[name, place].append(answer["ms"])
        self.bytes[name, place] = answer["bytes"]

    def ratios(self, case) -> tuple[float, float, float]:
        """Quartiles of the rounds' ratios: a disturbance of a round affects both of its values."""
        pairs = zip(self.times[placed(case.name)], self.times[placed(case.against)], strict=True)
        ratios = [ours / theirs for ours, theirs in pairs]
        low, middle, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        return low, middle, high

    def show(self, cases) -> None:
        print("| page | ms | KB | against | ms | ratio (quartiles) | target |  |")
        print("| --- | ---: | ---: | --- | ---: | ---: | ---: | --- |")
        for case in cases:
            low, middle, high = self.ratios(case)
            verdict = "" if case.target is None else "met" if middle <= case.target else "**missed**"
            size = self.bytes[placed(case.name)] / 1024
            print(
                f"| {case.name} | {median(self.times[placed(case.name)]):.1f} | {size:.0f} | {case.against} "
                f"| {median(self.times[placed(case.against)]):.1f} | {middle:.2f} ({low:.2f}-{high:.2f}) "
                f"| {case.target or ''} | {verdict} |"
            )
        print("\n```")
        widest = max(median(times) for times in self.times.values())
        for (name, place), times in sorted(self.times.items(), key=lambda item: median(item[1])):
            label = f"{name}@{place}" if place else name
            print(f"{label:42} {'█' * max(1, round(median(times) / widest * 40))} {median(times):.1f} ms")
        print("```")
