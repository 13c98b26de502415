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
