/** Page objects: each field by its name, and what tests of both languages do with them. */

import { readFileSync, writeFileSync } from "node:fs";

import { NoSuchField, NoSuchRow, NoSuchValue, expect, pages, test } from "@vpn-console/playwright";

const values = JSON.parse(readFileSync("values.json", "utf8")) as pages.ConnectionValues;

test("each field of a new connection is set by its name", async ({ app, world }) => {
  const form = await app.connections.create();
  expect((await (await form.fill({ name: "single", ...values })).submit()).operation).toBe("CreateVpnAttachment");
  // What is stored is compared outside.
  writeFileSync("single.sqlite3.gz", await world.file());
});

test("a form says what is wrong with names and values", async ({ app }) => {
  const form = await app.connections.create();
  await expect(form.fill({ tunnel_cidr: "169.254.77.0/30" })).rejects.toThrow(
    "does not show tunnel_cidr now: it appears with enable_bgp: true",
  );
  await expect(form.fill({ tunnel: "1" } as pages.ConnectionValues)).rejects.toThrow(NoSuchField);
  await expect(form.fill({ customer_gateway: "nobody's" })).rejects.toThrow(/hamburg-dc1/);
  await expect(form.fill({ ike_version: "ikev3" as "ikev2" })).rejects.toThrow(NoSuchValue);
  expect((await form.submit()).errors).toEqual({ customer_gateway: "required" });
});

test("a connection is handed over, found and refused, and pages follow the world", async ({ app, asPersona, world }) => {
  const bob = await asPersona("bob");
  const name = "paris-branch";
  const details = await (await app.connections.row(name)).open();
  expect(details.id).toBe(world.names.connections[name]?.id);
  const grant = await details.authorize();
  const cen = world.names.cens["summit-core"]?.id;
  await grant.fill({ peer_uid: world.members["bob"]?.["uid"], peer_cen_id: cen });
  expect((await grant.submit()).operation).toBe("GrantInstanceToTransitRouter");
  const router = await (await (await bob.cens.row("summit-core")).open()).router("core-frankfurt");
  const attach = await router.attach();
  await attach.fill({ resource_owner: "different", owner_uid: world.members["alice"]?.["uid"], connection: details.id });
  await world.transitions("manual");
  expect((await attach.submit()).operation).toBe("CreateTransitRouterVpnAttachment");
  const row = await app.connections.row(name);
  await expect(row.state).toHaveAttribute("data-state", "attaching");
  await world.settle();
  expect(await row.state.getAttribute("data-state")).toBe("attached");
  const refused = await row.delete();
  expect(await refused.refusal()).toBe("attached_elsewhere");
  await refused.cancel();
  await app.connections.filter("state", "attached");
  expect(await app.connections.names()).toContain(name);
  expect(() => row.stem).not.toThrow();
  const none = await app.connections.row("nobody's");
  expect(() => none.id).toThrow(NoSuchRow);
  expect(await bob.events.operations()).toContain("CreateTransitRouterVpnAttachment");
});

test("a tunnel is diagnosed, and its device mended", async ({ app, world }) => {
  const name = "rotterdam-two-tunnels";
  const details = await (await app.connections.row(name)).open();
  const [first, second] = await details.tunnels();
  expect(await first?.codes()).toEqual({ status: "ipsec_sa_established", code: "", bgp: "Established", health: "" });
  expect((await second?.codes())?.status).toBe("ike_sa_not_established");
  await expect(second!.code).toHaveAttribute("data-code", "DhGroupMismatch");
  await expect(details.tunnel(3)).rejects.toThrow(NoSuchRow);

  const diagnosis = await (await app.connections.row(name)).diagnose();
  expect((await diagnosis.report(2).findings()).ike_group).toBe("error");
  await expect(diagnosis.report().finding("ike_group")).toHaveAttribute("data-level", "normal");

  const device = await (await (await app.connections.row(name)).open()).device(2);
  expect(await device.differences()).toEqual(["ike_pfs", "announced"]);
  expect((await (await (await device.edit()).fill({ mtu: 1300 })).submit()).operation).toBe("ModifyDevice");
  expect((await device.take("ike_pfs")).operation).toBe("ModifyDevice");
  expect((await device.setLine(true)).operation).toBe("");
  expect((await device.setLine(false)).operation).toBe("CutLine");
  expect((await device.codes()).line).toBe("false");
  await device.setLine(true);
  await world.advance(60);
  expect((await device.codes()).status).toBe("ipsec_sa_established");

  const tunnel = await (await (await app.connections.row(name)).open()).tunnel(2);
  const form = await (await tunnel.edit()).fill({ ike_lifetime: 3600 });
  expect((await form.submit()).operation).toBe("");
  await expect(form.review).toBeVisible();
  expect((await form.submit()).operation).toBe("ModifyVpnAttachmentAttribute");

  const logs = await (await app.connections.row(name)).logs();
  await logs.filter({ tunnel: 2, level: "errors", ends: "cloud" });
  const lines = await logs.lines();
  expect(new Set(lines.map((line) => `${line.end} ${line.level} ${line.component}`))).toEqual(
    new Set(["cloud PROTO_ERR phase1"]),
  );
  expect(lines[0]?.text).toContain("no proposal chosen");
});
