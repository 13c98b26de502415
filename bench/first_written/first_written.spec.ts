/** Three tests as people write them first: plain Playwright, fixed names, and counts. `bench.rounds` runs them. */
/** Three tests as people write them first: plain Playwright, fixed names, and counts. `bench.rounds` runs them. */

import { expect, test } from "@vpn-console/playwright";

const CONNECTIONS = "eu-central-1/connections/";
const IDLE = "html[data-idle]";

test("create, change and find in the log", async ({ signedInPage: page, world }) => {
  await page.goto(world.url + CONNECTIONS);
  await page.getByTestId("create").click();
  await page.locator(IDLE).waitFor({ state: "attached" });
  await page.getByTestId("field-name").fill("berlin");
  const gateway = page.getByTestId("field-tunnel1-customer_gateway");
  await gateway.selectOption(await gateway.locator('option[data-name="hamburg-dc1"]').getAttribute("value"));
  await page.locator(IDLE).waitFor({ state: "attached" });
  await page.getByTestId("form-ok").click();
  await expect(page.getByTestId("message-1")).toHaveAttribute("data-operation", "CreateVpnAttachment");
  await page.getByTestId("edit").click();
  await page.getByTestId("field-name").fill("berlin-east");
  await page.locator(IDLE).waitFor({ state: "attached" });
  await page.getByTestId("form-ok").click();
  await expect(page.getByTestId("message-1")).toHaveAttribute("data-operation", "ModifyVpnAttachmentAttribute");
  await page.goto(`${world.url}events/`);
  await expect(page.locator("tr[data-operation]").nth(0)).toHaveAttribute("data-operation", "ModifyVpnAttachmentAttribute");
  await expect(page.locator("tr[data-operation]").nth(1)).toHaveAttribute("data-operation", "CreateVpnAttachment");
  await page.goto(world.url + CONNECTIONS);
  await expect(page.locator("tr[data-name]")).toHaveCount(8);
  await expect(page.locator('tr[data-name="berlin-east"]')).toBeVisible();
});

test("peer configuration with download", async ({ signedInPage: page, world }) => {
  await page.goto(world.url + (world.names.connections["hamburg-primary"]?.address ?? "").slice(1));
  await page.getByTestId("peer-config").click();
  await page.locator(IDLE).waitFor({ state: "attached" });
  await expect(page.getByTestId("peer-text-1")).toContainText("203.0.113.10");
  const downloading = page.waitForEvent("download");
  await page.getByTestId("peer-download-1").click();
  expect((await downloading).suggestedFilename()).toMatch(/\.\w+$/);
});

test("hand a connection to another account", async ({ signedInPage: page, asPersona, world }) => {
  const connection = world.names.connections["paris-branch"];
  await page.goto(`${world.url}${(connection?.address ?? "").slice(1)}authorizations/`);
  await page.getByTestId("authorize").click();
  await page.locator(IDLE).waitFor({ state: "attached" });
  await page.getByTestId("field-peer_uid").fill(String(world.members["bob"]?.["uid"]));
  await page.getByTestId("field-peer_cen_id").fill(world.names.cens["summit-core"]?.id ?? "");
  await page.getByTestId("dialog-ok").click();
  await expect(page.getByTestId("message-1")).toHaveAttribute("data-operation", "GrantInstanceToTransitRouter");

  const { page: other } = await asPersona("bob");
  const router = world.names.routers["core-frankfurt"];
  await other.goto(world.url + (router?.address ?? "").slice(1));
  await other.getByTestId(`waiting-${connection?.id}`).click();
  await other.locator(IDLE).waitFor({ state: "attached" });
  await other.getByTestId("form-ok").click();
  await expect(other.getByTestId("message-1")).toHaveAttribute("data-operation", "CreateTransitRouterVpnAttachment");

  await page.goto(world.url + CONNECTIONS);
  const row = page.locator('tr[data-name="paris-branch"]');
  await expect(row.locator("[data-state]")).toHaveAttribute("data-state", "attached");
});
