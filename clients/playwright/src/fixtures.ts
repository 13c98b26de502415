/** The fixtures: a world for each test, and page objects in it. */

import { writeFile } from "node:fs/promises";

import type {
  BrowserContext,
  Fixtures,
  Page,
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestInfo,
} from "@playwright/test";

import { moved } from "./base.js";
import type { AccessKey, Json, Server, World } from "./client.js";
import { Console } from "./console.js";
import { server } from "./server.js";

/** Milliseconds. The first world of a scenario waits until its template is made, which is not the test's time. */
const PATIENCE = 300_000;

/** What `test.use` sets, for a project, a file or a group of tests. */
export interface ConsoleOptions {
  /** What the world is a copy of: `demo` unless named. */
  scenario: string | undefined;
  /** Who is signed in in `app` and `signedInPage`. */
  persona: string;
  clock: string | Json | undefined;
  transitions: string | Json | undefined;
  /** A seed, for the same IDs each time. */
  ids: string | number | Json | undefined;
}

/** What tests use. */
export interface ConsoleFixtures {
  /** The world of the test. */
  world: World;
  /** Page objects over a page in which `persona` is signed in. */
  app: Console;
  /** The same as a page of Playwright, without page objects. */
  signedInPage: Page;
  /** Page objects of another member in the same world, by user name. */
  asPersona: (user: string) => Promise<Console>;
  /** Endpoint and key of the world, for SDKs, command lines and Terraform. */
  accessKey: AccessKey;
}

/** All that the others need, so that a test of a project's own may replace any of those. */
export interface PrivateFixtures {
  _consoleWorld: World;
  _consoleSignIn: (user: string) => Promise<Page>;
}

export interface ConsoleWorkerFixtures {
  _consoleServer: Server;
}

export type ConsoleTestFixtures = ConsoleOptions & ConsoleFixtures & PrivateFixtures;

/** Keep the world of a failed test beside its traces. */
async function keep(world: World, testInfo: TestInfo): Promise<void> {
  const files: [string, string, Uint8Array | string][] = [
    ["world.sqlite3.gz", "application/gzip", await world.file()],
    ["world.json", "application/json", JSON.stringify(await world.state(), null, 1)],
  ];
  for (const [name, contentType, content] of files) {
    const path = testInfo.outputPath(name);
    await writeFile(path, content);
    await testInfo.attach(name, { path, contentType });
  }
}

/** The fixtures without a `test`, for `test.extend<ConsoleTestFixtures, ConsoleWorkerFixtures>(fixtures)`. */
export const fixtures: Fixtures<
  ConsoleTestFixtures,
  ConsoleWorkerFixtures,
  PlaywrightTestArgs & PlaywrightTestOptions,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions
> = {
  scenario: [undefined, { option: true }],
  persona: ["alice", { option: true }],
  clock: [undefined, { option: true }],
  transitions: [undefined, { option: true }],
  ids: [undefined, { option: true }],

  _consoleServer: [
    async ({}, use) => {
      await use(server());
    },
    { scope: "worker" },
  ],

  _consoleWorld: [
    async ({ _consoleServer, scenario, clock, transitions, ids }, use, testInfo) => {
      const world = await _consoleServer.world({ scenario, clock, transitions, ids, label: "playwright" });
      await use(world);
      try {
        if (testInfo.status !== testInfo.expectedStatus) await keep(world, testInfo);
      } finally {
        await world.delete();
      }
    },
    { timeout: PATIENCE },
  ],

  _consoleSignIn: async ({ browser, _consoleWorld: world }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (user) => {
      // Entered afterwards, so that options of contexts and traces stay as they are.
      const context = await browser.newContext();
      contexts.push(context);
      await context.addCookies(await world.session(user));
      world.listeners.push(() => moved(context));
      const page = await context.newPage();
      await page.goto(world.url);
      return page;
    });
    for (const context of contexts) await context.close();
  },

  world: async ({ _consoleWorld }, use) => {
    await use(_consoleWorld);
  },

  signedInPage: async ({ _consoleSignIn, persona }, use) => {
    await use(await _consoleSignIn(persona));
  },

  app: async ({ _consoleSignIn, _consoleWorld, persona }, use) => {
    await use(new Console(await _consoleSignIn(persona), _consoleWorld));
  },

  asPersona: async ({ _consoleSignIn, _consoleWorld }, use) => {
    await use(async (user) => new Console(await _consoleSignIn(user), _consoleWorld));
  },

  accessKey: async ({ _consoleWorld, persona }, use) => {
    await use(_consoleWorld.accessKey(persona));
  },
};
