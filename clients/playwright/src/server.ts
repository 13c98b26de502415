/** Which server a run tests against: a running one, or one that Playwright starts. */

import { randomBytes } from "node:crypto";

import { Server } from "./client.js";

const ADDRESS = "VPN_CONSOLE_URL";
const TOKEN = "KIT_TOKEN";
/** Set to the URL of a server that Playwright starts: its workers read the configuration again, and inherit this. */
const STARTED = "VPN_CONSOLE_STARTED";
const PORT = 8765;
/** Milliseconds. */
const STARTING = 300_000;
const ENDING = 15_000;

/** An entry for `webServer` in playwright.config.ts. */
export interface WebServer {
  command: string;
  url: string;
  timeout: number;
  reuseExistingServer: boolean;
  gracefulShutdown: { signal: "SIGTERM"; timeout: number };
  env: Record<string, string>;
}

/**
 * The `webServer` of playwright.config.ts: a console for this run. None if VPN_CONSOLE_URL names one already.
 *
 * `command` is the program, such as "pipx run vpn-console".
 */
export function consoleServer({ command = "vpn-console", port = PORT } = {}): WebServer[] {
  const own = `http://127.0.0.1:${port}/`;
  if (process.env[ADDRESS] && process.env[ADDRESS] !== process.env[STARTED]) return [];
  process.env[ADDRESS] = process.env[STARTED] = own;
  const token = (process.env[TOKEN] ??= randomBytes(24).toString("hex"));
  return [
    {
      command: `${command} run --testing --port ${port}`,
      url: `${own}readyz`,
      timeout: STARTING,
      // Its token would be another.
      reuseExistingServer: false,
      gracefulShutdown: { signal: "SIGTERM", timeout: ENDING },
      env: { [TOKEN]: token },
    },
  ];
}

/** The server of the run, from VPN_CONSOLE_URL and KIT_TOKEN. */
export function server(): Server {
  const { [ADDRESS]: url, [TOKEN]: token } = process.env;
  if (!url) {
    throw new Error(
      "No VPN Console is named. Put `webServer: consoleServer()` into playwright.config.ts, or set VPN_CONSOLE_URL " +
        "and KIT_TOKEN for a running one.",
    );
  }
  if (!token) throw new Error("VPN_CONSOLE_URL needs the server's token in KIT_TOKEN.");
  return new Server(url, token);
}
