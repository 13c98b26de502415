"""The tabs Logs and Monitoring: windows, filters, pages, following, files, empty states, and what stays as it was."""

import re
from urllib.parse import urlencode

import pytest

from connections.console.charts import axis_top
from connections.console.log_queries import LINES
from connections.console.words import rate_text
from connections.models import Chapter, Device, Tunnel
from connections.negotiation import End
from connections.services import devices
from tests.console.conftest import HTMX
from vpnconsole.testing import factories

BGP = {"enable_bgp": True, "tunnel": {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}}


class Site:
    """A connection of Alice's, what people do with its device, and what its pages say."""

    def __init__(self, console, alice, gateway):
        self.console, self.account = console, alice.account
        self.connection = factories.make_connection(self.account, gateway=gateway, **BGP)
        self.url = self.connection.get_absolute_url()

    def do(self, name: str, *args, **options) -> None:
        tunnel = Tunnel.objects.whole().get(connection=self.connection)
        getattr(devices, name)(factories.make_actor(self.account), tunnel, *args, **options)

    def edit(self, **changed) -> None:
        device = Device.objects.select_related("tunnel").get(tunnel__connection=self.connection)
        for name, value in changed.items():
            setattr(device, name, value)
        devices.edit_device(factories.make_actor(self.account), device, device.revision)

    def get(self, page: str = "logs", headers=None, **query: str) -> str:
        answer = self.console.get(f"{self.url}{page}/?{urlencode(query)}", headers=headers)
        assert answer.status_code == 200
        return answer.content.decode()

    def file(self, **query: str) -> list[str]:
        return self.get("logs/export", **query).splitlines()


@pytest.fixture
def site(console, alice, gateway, clock) -> Site:
    return Site(console, alice, gateway)


def shown(page: str) -> list[str]:
    """The lines of a page: time, end, level and text."""
    found = []
    for row in re.split(r'<li class="log-row', page)[1:]:
        time = re.search(r"(\d\d:\d\d:\d\d)</time>", row)
        for end, lines in re.findall(r'log-name">(\w+)</span>(.*?)</div>', row, re.DOTALL):
            found += [
                f"{time[1]} {end} {level} {text}"
                for level, text in re.findall(r'log-level">(\w+)</span>.*?</span> (.*?) <span', lines)
            ]
    return found


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


# --- what is shown -----------------------------------------------------------------------------------------------


def test_both_ends_newest_first_or_one_alone(site, clock):
    site.do("load_configuration")
    clock.tick(60)
    both = shown(site.get())
    assert both[0] == "12:00:07 Cloud INFO session established, 0 prefixes"
    assert both[-2:] == [
        "12:00:00 Cloud INFO request received, ikev2",
        f"12:00:00 Device INFO starting ikev2 towards {site.connection.tunnel.internet_ip}",
    ]
    for ends, name in (("cloud", "Cloud"), ("device", "Device")):
        assert shown(site.get(ends=ends)) == [line for line in both if f" {name} " in line]


def test_text_and_level_narrow_the_lines(site, clock):
    site.do("load_configuration")
    site.edit(psk="another")
    clock.tick(40)
    everything = shown(site.get())
    assert {line.split()[2] for line in everything} == {"INFO", "PROTO_ERR"}
    errors = [line for line in everything if "PROTO_ERR" in line]
    assert shown(site.get(level="errors")) == shown(site.get(level="warnings")) == errors
    assert shown(site.get(q=" AUTHENTICATION fail")) == [line for line in everything if "authentication fail" in line]
    page = site.get(q="no such words")
    assert shown(page) == []
    assert "This window has lines, but none of them matches." in words(page)


def test_windows_end_now_or_lie_anywhere(site, clock):
    site.do("load_configuration")
    clock.tick(1200)
    assert shown(site.get(window="10m")) == []
    assert len(shown(site.get(window="6h"))) == 8
    assert "selected>Last 6 hours" in site.get(window="6h")
    own = {"window": "own", "from": "2026-11-24T11:50", "to": "2026-11-24T12:00:02"}
    assert [line[:8] for line in shown(site.get(**own))] == ["12:00:01"] * 2 + ["12:00:00"] * 2
    assert "selected>Last hour" in site.get(window="nonsense")


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({}, "Enter both times of the window."),
        ({"from": "2026-11-24T11:00"}, "Enter both times of the window."),
        ({"from": "yesterday", "to": "0000"}, "Enter both times of the window."),
        ({"from": "2026-11-24T11:00", "to": "2026-11-24T11:09:59"}, "A window lasts at least 10 minutes."),
        ({"from": "2026-11-24T12:00", "to": "2026-11-24T11:00"}, "A window lasts at least 10 minutes."),
        ({"from": "0001-01-01T00:00+14:00", "to": "9999-12-31T23:59"}, "Enter both times of the window."),
        ({"from": "9999-12-31T23:59:59+00:00", "to": "9999-12-31T23:59:59-14:00"}, "Enter both times of the window."),
    ],
)
def test_a_window_that_is_none_is_refused_with_a_reason(site, sent, problem):
    assert problem in words(site.get(window="own", **sent))
    assert site.file(window="own", **sent) == []


def test_a_window_of_all_times_is_cut_to_what_is_kept(site, clock):
    site.do("load_configuration")
    clock.tick(200 * 86400)
    lines = site.file(window="own", **{"from": "0001-01-01T00:00", "to": "9999-12-31T23:59"})
    # What is older than 180 days is gone: what is left are the renewals.
    assert {line.split()[0] for line in lines} == {"cloud", "device"}
    assert not any("request received" in line for line in lines)


def test_older_lines_come_page_by_page(site, clock):
    site.do("load_configuration")
    site.edit(psk="another")
    clock.tick(2 * 3600)
    expected = [re.search(r"\d\d:\d\d:\d\d", line)[0] for line in site.file(window="6h")[::-1]]
    found, older = [], f"{site.url}logs/?window=6h"
    while older:
        page = site.console.get(older, headers=HTMX).content.decode()
        found += shown(page)
        link = re.search(r'data-testid="log-older"[^>]* hx-get="([^"]+)"', page)
        older = link and link[1].replace("&amp;", "&")
    assert [line[:8] for line in found] == expected
    assert len(found) > 3 * LINES
    assert "There are no older lines in this window." in words(page)


def test_following_brings_each_line_once(site, clock):
    site.do("load_configuration")
    clock.tick(1)
    page = site.get(follow="1")
    seen = shown(page)[::-1]
    for _poll in range(9):
        poll = re.search(r'hx-get="([^"]+logs/new/[^"]+)" hx-trigger="load delay:2s, look"', page)
        clock.tick(1.5)
        page = site.console.get(poll[1].replace("&amp;", "&"), headers=HTMX).content.decode()
        seen += shown(page)[::-1]
    assert sorted(seen) == sorted(shown(site.get()))
    assert len(seen) == 8


def test_only_a_page_that_follows_the_present_polls(site):
    site.do("load_configuration")
    own = {"window": "own", "from": "2026-11-24T11:00", "to": "2026-11-24T13:00"}
    for query in ({}, own, own | {"follow": "1"}, {"follow": "1", "before": "2026-11-24T12:00:00+00:00"}):
        assert "/logs/new/" not in site.get(**query)


def test_the_file_has_whole_lines_oldest_first_in_english(site, clock):
    site.do("load_configuration")
    clock.tick(60)
    site.console.cookies["django_language"] = "zh-hans"
    answer = site.console.get(f"{site.url}logs/export/")
    assert answer["Content-Disposition"] == f'attachment; filename="{site.connection.resource_id}-20261124T120100Z.log"'
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    address = site.connection.tunnel.internet_ip
    assert answer.content.decode().splitlines()[:2] == [
        f"cloud  2026-11-24 12:00:00 {site.connection.resource_id} [INFO]: phase1: request received, ikev2 "
        f"[{address}[500] <=> 203.0.113.10[500]]",
        f"device 2026-11-24 12:00:00 {site.connection.resource_id} [INFO]: phase1: starting ikev2 towards {address} "
        f"[203.0.113.10[500] <=> {address}[500]]",
    ]


# --- what was, stays ---------------------------------------------------------------------------------------------


def test_a_past_window_stays_as_it_was_whatever_changes(site, clock):
    own = {"window": "own", "from": "2026-11-24T12:00:00", "to": "2026-11-24T12:20:00"}
    site.do("load_configuration")
    clock.tick(300)
    site.do("send", End.CLOUD, 4_000_000, steadily=True)
    clock.tick(300)
    site.edit(ike_enc_alg=["des"])
    clock.tick(600)
    whole, parts = site.file(**own), site.get("monitoring")
    assert any("no suitable proposal" in line or "no proposal chosen" in line for line in whole)
    rows = re.findall(r"<tr><th.*?</tr>", parts)[40:59]
    site.edit(ike_enc_alg=["aes"], psk="another")
    clock.tick(100)
    site.do("reset")
    site.do("load_configuration")
    clock.tick(100)
    site.do("set_line", up=False)
    site.do("stop_traffic", End.CLOUD)
    assert Chapter.objects.count() >= 3
    assert site.file(**own) == whole
    # Half an hour later the same minutes stand elsewhere in the table.
    later = re.findall(r"<tr><th.*?</tr>", site.get("monitoring"))
    assert [row for row in rows if row in later] == rows
    assert site.file(**own | {"to": "2026-11-24T12:10:00"}) == [line for line in whole if line[18:26] < "12:10:00"]


# --- empty pages say why -----------------------------------------------------------------------------------------


def test_nobody_has_started(console, alice, gateway, clock):
    site = Site(console, alice, gateway)
    type(site.connection).objects.update(effect_immediately=False)
    clock.tick(3600)
    assert "Nobody has started a negotiation." in words(site.get())


def test_a_tunnel_at_rest_says_since_when_and_leads_there(site, clock):
    site.do("load_configuration")
    clock.tick(5 * 3600)
    page = site.get(ends="cloud")
    assert "nothing has happened since 2026-11-24 12:00:07 UTC." in words(page)
    there = re.search(r'data-testid="log-elsewhere" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert len(shown(site.console.get(there).content.decode())) == 4


def test_a_window_before_the_first_negotiation(site, clock):
    clock.tick(3600)
    type(site.connection).objects.update(effect_immediately=False)
    site.do("load_configuration")
    own = {"window": "own", "from": "2026-11-24T11:00:00", "to": "2026-11-24T11:30:00"}
    text = "The negotiation with the present settings began at 2026-11-24 13:00:00 UTC."
    assert text in words(site.get(**own))


# --- monitoring --------------------------------------------------------------------------------------------------


def test_rates_and_states_as_a_table(site, clock):
    site.do("load_configuration")
    site.do("send", End.CLOUD, 4_000_000, steadily=True)
    site.do("send", End.DEVICE, 1500, steadily=True)
    clock.tick(600)
    page = site.get("monitoring")
    rows = [re.findall(r">([^<>]+)</t[hd]>", row) for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)]
    assert rows[0] == ["Time (UTC)", "In", "Out", "Phase 2", "BGP"]
    by_time = {time: values for time, *values in rows[1:]}
    assert len(by_time) == 60
    assert by_time["2026-11-24 11:59"] == ["0 bit/s", "0 bit/s", "-", "-"]
    assert by_time["2026-11-24 12:00"] == ["1.5 kbit/s", "3.9 Mbit/s", "Up and down", "Normal and abnormal"]
    assert by_time["2026-11-24 12:05"] == ["1.5 kbit/s", "4 Mbit/s", "Up", "Normal"]
    assert "At most 1.5 kbit/s in and 4 Mbit/s out between 2026-11-24 11:11 and 2026-11-24 12:10 UTC." in page
    assert 'style="' not in page


@pytest.mark.parametrize(("period", "steps"), [("", 60), ("1d", 96), ("7d", 168), ("nonsense", 60)])
def test_periods(site, clock, period, steps):
    clock.tick(86400)
    page = site.get("monitoring", range=period)
    assert len(re.findall(r'<tr><th scope="row"', page)) == steps
    assert "No traffic in this period" in words(page)


# --- rights and cost ---------------------------------------------------------------------------------------------


def test_no_page_or_file_has_a_key(site, clock):
    site.do("load_configuration")
    site.edit(psk="planted-key")
    clock.tick(3600)
    key = site.connection.tunnel.psk
    for page in ("logs", "logs/export", "logs/new", "monitoring"):
        text = site.get(page)
        assert "planted-key" not in text
        assert key not in text


def test_another_tunnel_is_not_found(site):
    for page in ("logs", "logs/export", "logs/new", "monitoring"):
        assert site.console.get(f"{site.url}{page}/?tunnel=tun-another").status_code == 404
        assert site.console.get(f"{site.url}{page}/?tunnel={site.connection.tunnel.resource_id}").status_code == 200


def test_queries_don_t_grow_with_chapters(site, clock, django_assert_max_num_queries):
    site.do("load_configuration")
    for number in range(8):
        site.edit(psk=f"key-{number}")
        clock.tick(60)
    assert Chapter.objects.count() == 7
    for page, most in (("logs", 15), ("logs/new", 13), ("logs/export", 14), ("monitoring", 14)):
        with django_assert_max_num_queries(most):
            site.get(page)


def test_rates_have_the_unit_that_people_use():
    assert [rate_text(bits) for bits in (0, 999, 1000, 1_250_000, 10**10, 2.5)] == [
        "0 bit/s", "999 bit/s", "1 kbit/s", "1.3 Mbit/s", "10 Gbit/s", "2.5 bit/s",
    ]  # fmt: skip
    assert [axis_top(most) for most in (0, 1, 3, 5, 6, 4_600_000)] == [1, 1, 5, 5, 10, 5_000_000]
