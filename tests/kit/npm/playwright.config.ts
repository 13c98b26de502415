import { readFileSync } from "node:fs";

import { defineConfig } from "@playwright/test";
import { type ConsoleOptions, consoleServer } from "@vpn-console/playwright";

export default defineConfig<ConsoleOptions>({
  // None, as VPN_CONSOLE_URL names one.
  webServer: consoleServer(),
  workers: 1,
  // Only failing tests wait so long.
  timeout: 180_000,
  reporter: [["json"]],
  use: { scenario: "demo", launchOptions: JSON.parse(readFileSync("launch.json", "utf8")) },
});
