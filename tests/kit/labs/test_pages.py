"""Labs in the browser and by the endpoint: a learner's way, and a class with its board."""

import html
import re

import pytest

from vpnconsole.testing.served import Browser
from vpnconsole.testing.worlds import Visitor

LEARNERS = 60


def text(answer):
    return html.unescape(re.sub(r"<[^>]*>", " ", answer.text))


def begun(server, lab="take-apart"):
    """A browser in the world of a lab, which the list of labs has led to."""
    browser = Browser(server)
    listed = browser.get("/_kit/labs/")
    assert listed.status == 200
    assert lab in listed.text
    led = browser.post("/_kit/labs/begin/", {"lab": lab})
    assert led.status == 302
    return browser


def test_a_learner_sees_tasks_checks_them_and_pays_for_hints(server, control):
    browser = begun(server)
    page = browser.get("/")
    assert 'id="kit-lab"' in page.text
    assert "Delete the connection warehouse-2019." in text(page)
    assert "0 of 10 points" in text(page)
    browser.post("/_kit/lab/check/", {})
    page = browser.get("/_kit/lab/")
    assert "warehouse-2019 is still there." in text(page)
    browser.post("/_kit/lab/hint/", {"task": "connection"})
    page = browser.get("/_kit/lab/")
    assert "Look at the state of warehouse-2019." in text(page)
    assert "5 points" in text(page)
    # By the endpoint nothing is earned: a person has to do it.
    world = browser.cookies["vpnc_world"]
    marks = control.call("POST", f"/worlds/{world}/lab/check")
    assert (marks["points"], marks["of"], marks["is_complete"]) == (0, 10, False)


def test_what_is_not_so_yet_is_said_in_the_language_of_the_page(server):
    """Labels of fields, too, though it was checked in the other language."""
    browser = begun(server, "the-peer-says-no")
    browser.post("/_kit/lab/check/", {})
    assert "IKE: Encryption Algorithm of head-office" in text(browser.get("/_kit/lab/"))
    browser.cookies["django_language"] = "zh-hans"
    assert "head-office 的“IKE: 加密算法”" in text(browser.get("/_kit/lab/"))


def test_the_lab_is_folded_and_shown_again(server):
    browser = begun(server)
    browser.post("/_kit/lab/fold/", {})
    assert "Show the lab" in browser.get("/").text
    browser.post("/_kit/lab/fold/", {})
    assert "Show the lab" not in browser.get("/").text


def test_starting_over_keeps_hints_and_language_of_the_page(server):
    browser = begun(server)
    browser.post("/_kit/lab/hint/", {"task": "gateway"})
    assert browser.get("/_kit/lab/over/").status == 200
    assert browser.post("/_kit/lab/over/", {}).status == 302
    browser.cookies["django_language"] = "zh-hans"
    assert "看法兰克福的用户网关。" in browser.get("/_kit/lab/").text


def test_a_result_is_signed(server):
    browser = begun(server)
    result = browser.get("/_kit/lab/result/").text
    checked = text(browser.post("/_kit/labs/verify/", {"result": result}))
    assert "unchanged" in checked
    assert "Take apart without breaking" in checked
    changed = browser.post("/_kit/labs/verify/", {"result": result.replace('"points": 0', '"points": 10')})
    assert changed.status == 422
    assert "changed since" in text(changed)


def test_only_the_choices_of_the_lab_move_its_clock(server, control):
    browser = begun(server, "it-worked-yesterday")
    page = browser.get("/_kit/lab/").text
    assert 'name="seconds" value="86400"' in page
    before = control.call("GET", f"/worlds/{browser.cookies['vpnc_world']}/clock")["clock"]["at"]
    assert browser.post("/_kit/lab/advance/", {"seconds": "999999"}).status == 404
    assert browser.post("/_kit/lab/advance/", {"seconds": "86400"}).status == 302
    after = control.call("GET", f"/worlds/{browser.cookies['vpnc_world']}/clock")["clock"]["at"]
    assert after[:10] > before[:10]


def test_where_there_is_no_lab_there_is_no_page_of_one(server, control):
    browser = Visitor(server, control.world(scenario="empty")["id"], "alice")
    assert browser.get("/_kit/lab/").status == 404
    assert browser.post("/_kit/lab/check/", {}).status == 404
    assert 'id="kit-lab"' not in browser.get("/").text


def test_what_the_api_has_done_is_marked_in_its_lab(server, control):
    browser = begun(server, "api-with-an-sdk")
    page = browser.get("/").text
    world = browser.cookies["vpnc_world"]
    assert f"LTAI5tW{world}" in page
    # In a page it does not count.
    control.call("POST", f"/worlds/{world}/make", **{"as": "alice"}, resources={})
    marks = control.call("POST", f"/worlds/{world}/lab/check")
    assert marks["tasks"]["gateway"]["done"] is False


@pytest.fixture
def course(control):
    """A class of the lab about taking apart."""
    made = control.call("POST", "/classes", 201, lab="take-apart")
    yield {name: "/" + made[name].split("/", 3)[3] for name in ("board", "join")} | {"id": made["id"]}
    control.raw("DELETE", f"/classes/{made['id']}")


def test_a_link_of_a_class_that_has_ended_leads_on_in_both_languages(server):
    """Its visitor is in no world that could be left."""
    browser = Browser(server)
    accepts = {"Accept": "text/html"}
    answer = browser.get("/_kit/class/nothing/", **accepts)
    assert (answer.status, "This class has ended" in answer.text) == (410, True)
    assert 'href="/_kit/"' in answer.text
    assert "此班级已结束" in browser.get("/_kit/class/nothing/", **accepts | {"Accept-Language": "zh-CN"}).text


def test_a_class_of_sixty_has_a_world_each_and_a_board(server, control, course):
    first = Browser(server)
    assert first.get(course["join"]).status == 200
    assert first.post(course["join"], {"name": " "}).status == 422
    worlds = set()
    for number in range(LEARNERS):
        learner = Browser(server) if number else first
        learner.get(course["join"])
        name = "=cmd()" if number == 7 else f"Learner {number:02}"
        assert learner.post(course["join"], {"name": name}).status == 302
        worlds.add(learner.cookies["vpnc_world"])
    assert len(worlds) == LEARNERS
    first.post("/_kit/lab/check/", {})
    teacher = Browser(server)
    teacher.get("/_kit/labs/")
    board = teacher.get(course["board"])
    assert len(re.findall("data-learner=", board.text)) == LEARNERS
    csv = teacher.get(f"{course['board']}csv/").text.splitlines()
    assert len(csv) == LEARNERS + 1
    assert [line for line in csv if line.startswith("'=cmd()")]
    assert teacher.post(f"{course['board']}end/", {}).status == 302
    assert teacher.get(course["board"]).status == 410
    assert worlds & {one["id"] for one in control.call("GET", "/worlds")["worlds"]} == set()
