"""The official Python SDKs, connected to the live test server."""

from urllib.parse import urlsplit

import pytest
from alibabacloud_cbn20170912.client import Client as Cbn
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428.client import Client as Vpc

from connections.models import AccessKey
from vpnconsole.testing import factories
from vpnconsole.testing.waiting import PATIENCE


class Sdk:
    """Both SDKs with one access key."""

    def __init__(self, key, url, algorithm):
        config = {
            "access_key_id": key.access_key_id,
            "access_key_secret": key.secret,
            "endpoint": urlsplit(url).netloc,
            "protocol": "http",
            "region_id": factories.REGION,
            "signature_algorithm": algorithm,
            "read_timeout": int(PATIENCE * 1000),
            "connect_timeout": int(PATIENCE * 1000),
        }
        self.vpc, self.cbn = Vpc(Config(**config)), Cbn(Config(**config))


SCHEMES = {"V3": None, "V1": "v2"}


@pytest.fixture(params=SCHEMES)
def algorithm(request):
    return SCHEMES[request.param]


@pytest.fixture
def alice(transactional_db):
    return factories.make_user(is_demo=True)


@pytest.fixture
def bob(transactional_db):
    return factories.make_user(factories.make_account("Summit Retail"), "bob", is_demo=True)


@pytest.fixture
def sdk(alice, live_server, algorithm) -> Sdk:
    return Sdk(AccessKey.objects.create(user=alice), live_server.url, algorithm)


@pytest.fixture
def bobs(bob, live_server, algorithm) -> Sdk:
    return Sdk(AccessKey.objects.create(user=bob), live_server.url, algorithm)
