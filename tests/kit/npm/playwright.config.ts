import { readFileSync } from "node:fs";

import { defineConfig } from "@playwright/test";
import { consoleServer } from "@vpn-console/playwright";

export default defineConfig({
  // None, as VPN_CONSOLE_URL names one.
  webServer: consoleServer(),
  workers: 1,
  reporter: [["json"]],
  use: { launchOptions: JSON.parse(readFileSync("launch.json", "utf8")) },
});
