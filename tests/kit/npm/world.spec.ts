/** Worlds without a browser: what `test.use` describes, and the fixtures in a `test` of the project's own. */

import { mergeTests, test as plain } from "@playwright/test";
import {
  type ConsoleTestFixtures,
  type ConsoleWorkerFixtures,
  KitError,
  expect,
  fixtures,
  test,
} from "@vpn-console/playwright";

const bare = plain.extend<ConsoleTestFixtures, ConsoleWorkerFixtures>(fixtures);
const merged = mergeTests(test, plain.extend<{ greeting: string }>({ greeting: "hello" }));

bare.describe("another world", () => {
  bare.use({ scenario: "empty", clock: "held", transitions: "manual", ids: 7 });

  bare("is as described, and what was kept comes back", async ({ world }) => {
    expect(world.names.connections).toEqual({});
    const before = await world.now();
    await world.snapshot("before");
    await world.advance(60);
    expect(await world.now()).not.toBe(before);
    await world.restore("before");
    expect(await world.now()).toBe(before);
    expect(await world.snapshots()).toEqual(["before"]);
  });
});

merged.describe("as bob", () => {
  merged.use({ persona: "bob" });

  merged("the key leads into the world", async ({ world, accessKey, greeting }) => {
    expect(greeting).toBe("hello");
    expect(accessKey).toEqual(world.accessKey("bob"));
    expect(new URL(world.url).host).toBe(accessKey.endpoint);
  });
});

test("what the world has is made, stored, and gone after a reset", async ({ world }) => {
  const gateway = { id: "cgw-gw8onlyhere0000000001", region: "eu-central-1", name: "only", ip_address: "203.0.113.200" };
  await world.make("alice", { customer_gateways: [gateway] });
  expect(world.names.gateways["only"]?.id).toBe(gateway.id);
  const again = await world.server.open(await world.file());
  expect(await again.events()).toEqual(await world.events());
  await again.delete();
  await world.ids("a seed");
  await world.ids(null);
  await world.reset();
  expect(world.names.gateways["only"]).toBeUndefined();
  const refused = await world.restore("none").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(KitError);
  expect((refused as KitError).status).toBe(404);
});

test("a failed test leaves its world", async ({ world }) => {
  expect(world.id, "fails").toBe("");
});
