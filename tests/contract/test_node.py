"""The vendor's Node clients: chunked bodies arrive completely, and errors have the form that these clients expect."""

import io
import json
import subprocess
import threading

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler

from connections import demo
from connections.models import AccessKey, Connection, CustomerGateway
from vpnconsole.testing import factories
from vpnconsole.testing.machine import NODE_CLIENTS, node_missing
from vpnconsole.testing.served import prepared, served

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(node_missing()), reason=node_missing()),
]

VPC, CBN = "2016-04-28", "2017-09-12"
SCHEMES = pytest.mark.parametrize("signature", [None, "v2"], ids=["V3", "V1"])


class Handler(QuietWSGIRequestHandler):
    """Give a chunked body a length, as the console's own server does, which runs in separate processes."""

    def parse_request(self) -> bool:
        is_request = super().parse_request()
        if is_request and self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
            self.rfile = io.BytesIO(body)
            self.headers["Content-Length"] = str(len(body))
        return is_request

    def _chunk(self) -> bytes:
        data = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return data


@pytest.fixture
def address(transactional_db):
    """Django's server on the tests' own database."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gateway(transactional_db):
    return factories.make_customer_gateway(factories.make_account())


def call(client, operation, parameters, *, address, key, **more):
    """Make one call; return the response, or the error that a caller would see."""
    call_input = {
        "client": client,
        "endpoint": address,
        "id": key[0],
        "secret": key[1],
        "operation": operation,
        "parameters": parameters,
    }
    done = subprocess.run(
        ["node", "call.js"], cwd=NODE_CLIENTS, input=json.dumps(call_input | more), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def node(address, gateway):
    """Make one call as the owner of the gateway."""
    key = AccessKey.objects.create(user=factories.make_user(gateway.account))
    pair = (key.access_key_id, key.secret)
    return lambda client, operation, parameters, **more: call(
        client, operation, parameters, **{"address": address, "key": pair} | more
    )


@SCHEMES
def test_the_sdk_creates_and_reads(node, gateway, signature):
    made = node(
        "sdk",
        "CreateVpnAttachment",
        {
            "regionId": gateway.region_id,
            "customerGatewayId": gateway.resource_id,
            "name": "名 & more",
            "localSubnet": "10.0.0.0/16",
            "remoteSubnet": "192.168.0.0/16",
            "ikeConfig": json.dumps({"Psk": "from-Node_1", "IkeVersion": "ikev2"}),
            "tags": [{"$": "CreateVpnAttachmentRequestTags", "key": "env", "value": ""}],
        },
        signature=signature,
    )
    assert made["ok"], made
    stored = Connection.objects.get()
    assert made["data"]["vpnConnectionId"] == stored.resource_id
    assert (stored.name, stored.tunnel.psk) == ("名 & more", "from-Node_1")
    about = {"regionId": gateway.region_id, "vpnConnectionId": stored.resource_id}
    read = node("sdk", "DescribeVpnConnection", about, signature=signature)["data"]
    assert read["ikeConfig"]["psk"] == "from-Node_1"
    assert read["remoteSubnet"] == "192.168.0.0/16"
    assert read["tags"]["tag"] == [{"key": "env", "value": ""}]


def two_tunnels(gateway_id: str) -> dict:
    """Parameters that the client sends in a chunked body. Their refusal shows that the body arrived completely."""
    return {
        "regionId": factories.REGION,
        "customerGatewayId": gateway_id,
        "localSubnet": "0.0.0.0/0",
        "remoteSubnet": "0.0.0.0/0",
        "tunnelOptionsSpecification": [
            {
                "$": "CreateVpnAttachmentRequestTunnelOptionsSpecification",
                "customerGatewayId": gateway_id,
                "tunnelIndex": number,
            }
            for number in (1, 2)
        ],
    }


@SCHEMES
def test_what_the_sdk_sends_in_chunks_arrives(node, gateway, signature):
    answer = node("sdk", "CreateVpnAttachment", two_tunnels(gateway.resource_id), signature=signature)
    assert (answer["ok"], answer["code"]) == (False, "OperationUnsupported.DualTunnel")


@SCHEMES
def test_the_sdk_makes_two_tunnels(node, gateway, signature):
    sent = two_tunnels(gateway.resource_id)
    del sent["customerGatewayId"]
    made = node("sdk", "CreateVpnAttachment", sent, signature=signature)
    assert made["ok"], made
    about = {"regionId": factories.REGION, "vpnConnectionId": made["data"]["vpnConnectionId"]}
    read = node("sdk", "DescribeVpnConnection", about, signature=signature)["data"]
    tunnels = read["tunnelOptionsSpecification"]["tunnelOptions"]
    assert [(one["tunnelIndex"], one["role"]) for one in tunnels] == [(1, "master"), (2, "slave")]
    one = {"$": "ModifyTunnelAttributeRequestTunnelOptionsSpecification", "enableDpd": False}
    about |= {"tunnelId": tunnels[1]["tunnelId"], "tunnelOptionsSpecification": one}
    answer = node("sdk", "ModifyTunnelAttribute", about, signature=signature)
    assert (answer["ok"], answer["data"]["enableDpd"]) == (True, False), answer


def test_chunks_arrive_in_production_too(tmp_path):
    with served(prepared(tmp_path / "data"), tmp_path / "log") as server:
        for signature in (None, "v2"):
            answer = call(
                "sdk",
                "CreateVpnAttachment",
                two_tunnels("cgw-any"),
                address=server.url.removeprefix("http://"),
                key=(demo.HARBOUR.access_key_id, demo.HARBOUR.access_key_secret),
                signature=signature,
            )
            assert (answer["ok"], answer["code"]) == (False, "OperationUnsupported.DualTunnel")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_older_core_creates_and_reads(node, gateway, method):
    """Its POST sends everything, including the signature, in a chunked body."""
    made = node(
        "pop",
        "CreateCustomerGateway",
        {"RegionId": gateway.region_id, "IpAddress": "203.0.113.77", "Name": "名 a+b*c~d/e", "Asn": "65077"},
        version=VPC,
        method=method,
    )
    assert made["ok"], made
    stored = CustomerGateway.objects.get(ip_address="203.0.113.77")
    assert made["data"]["CustomerGatewayId"] == stored.resource_id
    assert (stored.name, stored.asn) == ("名 a+b*c~d/e", 65077)


def test_the_older_core_reaches_the_other_product(node):
    made = node("pop", "CreateCen", {"Name": "from node"}, version=CBN, method="POST")
    assert made["ok"], made
    assert made["data"]["CenId"].startswith("cen-")


def test_answers_that_carry_a_code_are_successes_to_the_older_core(node, gateway):
    made = node(
        "pop",
        "CreateVpnAttachment",
        {
            "RegionId": gateway.region_id,
            "CustomerGatewayId": gateway.resource_id,
            "LocalSubnet": "0.0.0.0/0",
            "RemoteSubnet": "0.0.0.0/0",
        },
        version=VPC,
        method="POST",
    )
    assert made["ok"], made
    assert made["data"]["Code"] == "200"


@SCHEMES
def test_errors_of_the_sdk(node, gateway, signature):
    about = {"regionId": gateway.region_id, "vpnConnectionId": "vco-nosuchconnection"}
    answer = node("sdk", "DescribeVpnConnection", about, signature=signature)
    assert (answer["name"], answer["code"], answer["statusCode"]) == (
        "ClientError",
        "InvalidVpnConnectionInstanceId.NotFound",
        404,
    )
    assert answer["data"]["RequestId"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_errors_of_the_older_core(node, gateway, method):
    about = {"RegionId": gateway.region_id, "VpnConnectionId": "vco-nosuchconnection"}
    answer = node("pop", "DescribeVpnConnection", about, version=VPC, method=method)
    assert (answer["ok"], answer["code"]) == (False, "InvalidVpnConnectionInstanceId.NotFound")
    assert answer["data"]["RequestId"]


@pytest.mark.parametrize(
    ("client", "more"), [("sdk", {}), ("sdk", {"signature": "v2"}), ("pop", {"method": "POST", "version": VPC})]
)
def test_an_unknown_key(node, gateway, client, more):
    region = {"sdk": "regionId", "pop": "RegionId"}[client]
    answer = node(client, "DescribeCustomerGateways", {region: gateway.region_id}, key=("LTAInobody", "wrong"), **more)
    assert (answer["ok"], answer["code"]) == (False, "InvalidAccessKeyId.NotFound")


def test_a_wrong_secret(node, gateway):
    key = AccessKey.objects.get()
    for client, more in (("sdk", {}), ("sdk", {"signature": "v2"}), ("pop", {"method": "POST", "version": VPC})):
        region = {"sdk": "regionId", "pop": "RegionId"}[client]
        parameters = {region: gateway.region_id}
        answer = node(client, "DescribeCustomerGateways", parameters, key=(key.access_key_id, "wrong"), **more)
        assert (answer["ok"], answer["code"]) == (False, "SignatureDoesNotMatch")
