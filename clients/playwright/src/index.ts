/** Fixtures and page objects for browser tests against VPN Console. */

import { expect, test as base } from "@playwright/test";

import { type ConsoleTestFixtures, type ConsoleWorkerFixtures, fixtures } from "./fixtures.js";

export const test = base.extend<ConsoleTestFixtures, ConsoleWorkerFixtures>(fixtures);

export { expect, fixtures };
export { idle, NoSuchField, NoSuchRow, NoSuchValue, Part } from "./base.js";
export type { Field, Kind } from "./base.js";
export { KitError, Server, World } from "./client.js";
export type { AccessKey, Cookie, Json, Named, Names, WorldSettings } from "./client.js";
export * from "./console.js";
export type { ConsoleFixtures, ConsoleOptions, ConsoleTestFixtures, ConsoleWorkerFixtures } from "./fixtures.js";
export * as pages from "./pages.js";
export { consoleServer } from "./server.js";
export type { WebServer } from "./server.js";
export { VERSION } from "./version.js";
