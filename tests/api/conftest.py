"""Two accounts, each with an access key, and a client for each."""

import pytest

from connections.models import AccessKey
from tests import factories
from tests.api.clients import ApiClient


@pytest.fixture
def alice(db):
    return factories.make_user(first_name="Alice", last_name="Berger", is_demo=True)


@pytest.fixture
def bob(db):
    return factories.make_user(factories.make_account("Summit Retail"), "bob", is_demo=True)


@pytest.fixture
def api(alice) -> ApiClient:
    return ApiClient(AccessKey.objects.create(user=alice))


@pytest.fixture
def bobs(bob) -> ApiClient:
    return ApiClient(AccessKey.objects.create(user=bob))
