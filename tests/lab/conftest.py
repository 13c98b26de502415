"""Check whether this machine can run the lab, and count what its tests establish."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from dev import in_ci
from tests.lab.charon import KernelCharon, KernelStarter, Starter
from tests.lab.namespaces import LabError, namespace, sweep
from tests.lab.pluto import Pluto
from tests.lab.stage import TALLY, Lab
from tests.lab.two import HastyCharon, HastyStarter, Tunnels
from vpnconsole.testing.machine import lab_missing

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.lab)


def missing() -> str:
    """The first missing requirement of the lab, or an empty text."""
    if found := lab_missing():
        return found
    try:
        sweep()
        with namespace("probe") as probe:
            probe.ip("tuntap", "add", "dev", "probe0", "mode", "tun")
    except LabError as error:
        return " ".join(str(error).split())
    return ""


@pytest.fixture(scope="session")
def _able():
    """Skip if the lab cannot run here, but fail in continuous integration."""
    if reason := missing():
        _leave_out(reason)


@pytest.fixture(scope="session")
def _policies(_able):
    """The same if the kernel lacks IPsec policies, which Libreswan needs, and tests of what leaves in clear."""
    try:
        with namespace("probe") as probe:
            probe.ip("xfrm", "policy", "add", "dir", "out", "src", "10.0.0.0/8", "dst", "10.0.0.0/8", "action", "block")
    except LabError as error:
        _leave_out("this kernel has no IPsec policies: " + " ".join(str(error).split()))


def _leave_out(reason: str) -> NoReturn:
    if in_ci() or os.environ.get("IPSEC_LAB") == "require":
        pytest.fail(f"ipsec lab: {reason}", pytrace=False)
    pytest.skip(f"ipsec lab: {reason}")


def _stage(tmp_path_factory, name, **options):
    with ExitStack() as stack:
        yield Lab(stack, tmp_path_factory.mktemp(name), **options)


@pytest.fixture(scope="session")
def _swanctl_lab(_able, tmp_path_factory):
    yield from _stage(tmp_path_factory, "swanctl")


@pytest.fixture(scope="module")
def _legacy_lab(_able, tmp_path_factory):
    yield from _stage(tmp_path_factory, "legacy", kind=Starter)


def _pair(tmp_path_factory, name, kind):
    with ExitStack() as stack:
        yield Tunnels(stack, [tmp_path_factory.mktemp(f"{name}{number}-") for number in (1, 2)], kind)


@pytest.fixture(scope="module")
def _tunnels(_able, tmp_path_factory):
    yield from _pair(tmp_path_factory, "tunnel", HastyCharon)


@pytest.fixture(scope="module")
def _legacy_tunnels(_able, tmp_path_factory):
    yield from _pair(tmp_path_factory, "legacy-tunnel", HastyStarter)


@pytest.fixture(scope="module")
def _nat_lab(_able, tmp_path_factory):
    yield from _stage(tmp_path_factory, "nat", nat=True)


@pytest.fixture(scope="module")
def _pluto_lab(_policies, tmp_path_factory):
    yield from _stage(tmp_path_factory, "pluto", kind=Pluto, default_route=True)


@pytest.fixture(scope="module", params=[KernelCharon, KernelStarter, Pluto], ids=lambda kind: kind.DIALECT)
def _kernel_lab(request, _policies, tmp_path_factory):
    yield from _stage(tmp_path_factory, "kernel", kind=request.param, default_route=True)


def _fresh(request, lab):
    request.node.lab = lab
    yield lab
    lab.reset()


@pytest.fixture
def lab(request, db, _swanctl_lab):
    """Cloud and data center, configured by swanctl.conf."""
    yield from _fresh(request, _swanctl_lab)


@pytest.fixture
def legacy_lab(request, db, _legacy_lab):
    """Cloud and data center, configured by ipsec.conf."""
    yield from _fresh(request, _legacy_lab)


@pytest.fixture
def pluto_lab(request, db, _pluto_lab):
    """Cloud and data center, with Libreswan in the data center."""
    yield from _fresh(request, _pluto_lab)


@pytest.fixture
def kernel_lab(request, db, _kernel_lab):
    """Cloud and data center, with the kernel's policies in the data center."""
    yield from _fresh(request, _kernel_lab)


@pytest.fixture
def nat_lab(request, db, _nat_lab):
    """Cloud and data center, with the data center behind a NAT."""
    yield from _fresh(request, _nat_lab)


@pytest.fixture
def tunnels(request, db, _tunnels):
    """A lab for each tunnel of a connection, with devices configured by swanctl.conf."""
    yield from _fresh(request, _tunnels)


@pytest.fixture
def legacy_tunnels(request, db, _legacy_tunnels):
    """The same with devices configured by ipsec.conf."""
    yield from _fresh(request, _legacy_tunnels)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    # In the report, because a worker sends nothing else.
    report.user_properties += [("lab", (what, count)) for what, count in TALLY.items()]
    TALLY.clear()
    if report.failed and (lab := getattr(item, "lab", None)):
        for side in lab.sides:
            report.sections.append((f"log of {side.folder.name}", side.tail()))
    return report
