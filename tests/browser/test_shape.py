"""The accessibility tree of the main pages: roles and names in order."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from connections.domain.choices import Role
from connections.models import CustomerGateway
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"


@pytest.fixture
def made(user):
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account, cidrs=["10.200.0.0/20"])
    return factories.make_connection(
        user.account, gateway=gateway, router=router, name="north", effect_immediately=False
    )


def test_the_list(alice, made):
    alice.goto(LIST)
    expect(alice.get_by_role("main")).to_match_aria_snapshot(
        """
        - heading "IPsec Connections" [level=1]
        - link /Refresh/
        - link "Columns"
        - list "Connections by state and status":
          - listitem:
            - link "1 Attached"
          - listitem:
            - link "1 Not Negotiated"
        - link "Create IPsec-VPN Connection"
        - search "Search connections"
        - group "IPsec connections"
        - navigation "Pages"
        """
    )
    expect(alice.get_by_role("table")).to_match_aria_snapshot(
        """
        - table:
          - rowgroup:
            - row:
              - columnheader "Name/Instance ID"
              - columnheader "Connection Status"
              - columnheader "State"
              - columnheader "Customer Gateway"
              - columnheader "Associated Resource"
              - columnheader "Routing Mode"
              - columnheader "Health Check"
              - columnheader "Tags"
              - columnheader "Actions"
          - rowgroup:
            - row /north/
        """
    )


def test_the_create_form(alice, made):
    alice.goto(f"{LIST}create/")
    expect(alice.get_by_role("main")).to_match_aria_snapshot(
        """
        - heading "Create IPsec-VPN Connection" [level=1]
        - region "Basic configurations":
          - heading "Basic configurations" [level=2]
          - textbox "Name"
          - combobox "Resource Group"
          - group "Associate Resource"
          - group "Gateway Type"
          - group "Routing Mode"
          - group "Effective Immediately"
          - combobox "Customer Gateway"
          - textbox "Pre-Shared Key"
          - switch "Enable BGP"
        - 'region "Encryption Configuration: IKE Configurations"':
          - group "Encryption":
            - button "Product default" [pressed]
            - button "Strong"
          - group:
            - 'heading "Encryption Configuration: IKE Configurations" [level=2]'
        - 'region "Encryption Configuration: IPsec Configurations"':
          - group:
            - 'heading "Encryption Configuration: IPsec Configurations" [level=2]'
        - region "Health check":
          - heading "Health check" [level=2]
        - region "Tags":
          - heading "Tags" [level=2]
        - complementary "Overview of the form":
          - navigation "Sections"
          - list "Sketch of the connection"
        - button "Create"
        - link "Cancel"
        - button "Help" [pressed]
        """
    )


def test_the_details(alice, made):
    alice.goto(made.get_absolute_url())
    expect(alice.get_by_role("main")).to_match_aria_snapshot(
        """
        - navigation "Breadcrumb"
        - heading "north" [level=1]
        - link "Generate Peer Configuration"
        - link "Edit"
        - group
        - region "Next steps":
          - list
        - navigation "Details":
          - list:
            - listitem:
              - link "Basic Information"
        - region "Topology":
          - heading "Topology" [level=2]
          - group "Topology":
            - list:
              - listitem: /A tunnel leads from customer gateway hamburg/
        - region "Basic configurations"
        - 'region "Encryption Configuration: IKE Configurations"'
        - 'region "Encryption Configuration: IPsec Configurations"'
        - region "Advanced configurations"
        """
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_usual_column_is_seen_on_a_wide_screen(alice, made, language):
    """The last column stays in view, and must not cover the one before it; with zoom, not name, status and state."""
    alice.set_viewport_size({"width": 1440, "height": 900})
    alice.goto(LIST)
    if language != "en":
        alice.get_by_test_id("display-menu").click()
        alice.get_by_test_id("language").click()
        alice.locator("html[lang^=zh]").wait_for(state="attached")
    row = alice.get_by_test_id(f"connection-{made.resource_id}-row")
    id = made.resource_id

    def box(name):
        return row.get_by_test_id(f"connection-{id}-{name}").bounding_box()

    for width, last in ((1440, "value-tags"), (960, "value-state")):
        alice.set_viewport_size({"width": width, "height": 600})
        actions = row.locator(".actions").bounding_box()
        assert box(last)["x"] + box(last)["width"] <= actions["x"] + 1
        assert actions["x"] + actions["width"] <= width
        assert row.bounding_box()["height"] <= 54
    # On a phone the status is beside the name.
    alice.set_viewport_size({"width": 390, "height": 844})
    assert box("value-status")["x"] < 300


def test_for_who_only_looks_no_column_stands_on_another(page, user, made, sign_in):
    sign_in(page, factories.make_user(user.account, "rita", role=Role.READ_ONLY))
    page.set_viewport_size({"width": 1100, "height": 900})
    page.goto(LIST)
    cells = [cell.bounding_box() for cell in page.locator("tbody tr").first.locator("th, td").all()]
    assert all(left["x"] + left["width"] <= right["x"] + 1 for left, right in pairwise(cells))
