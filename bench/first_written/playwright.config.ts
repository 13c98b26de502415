import { readFileSync } from "node:fs";

import { defineConfig } from "@playwright/test";
import { type ConsoleOptions, consoleServer } from "@vpn-console/playwright";

export default defineConfig<ConsoleOptions>({
  // None, as VPN_CONSOLE_URL names one.
  webServer: consoleServer(),
  fullyParallel: true,
  workers: 4,
  reporter: [["json"]],
  use: { scenario: "demo", launchOptions: JSON.parse(readFileSync("launch.json", "utf8")) },
});
