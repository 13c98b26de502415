/** A client of the control endpoint. docs/testers.md of VPN Console describes its calls. */

import { VERSION } from "./version.js";

/** What the endpoint takes and answers. */
export type Json = Record<string, any>;

/** A cookie as Playwright's `addCookies` takes it. */
export interface Cookie {
  name: string;
  value: string;
  domain?: string;
  path?: string;
  expires?: number;
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: "Strict" | "Lax" | "None";
}

/** A refusal of the endpoint: its status, a stable code, a sentence and what to do. */
export class KitError extends Error {
  override readonly name = "KitError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint = "",
  ) {
    super(`${status} ${code}: ${message} ${hint}`.trim());
  }
}

/** A resource of a scenario: its ID, and the address of its page without the host. */
export interface Named {
  id: string;
  address: string;
}

/** What a world had when it was made, by kind and name. Of several with one name, the first. */
export class Names {
  readonly connections: Record<string, Named>;
  readonly gateways: Record<string, Named>;
  readonly cens: Record<string, Named>;
  readonly routers: Record<string, Named>;
  readonly routeTables: Record<string, Named>;
  /** By the name of the connection. */
  readonly attachments: Record<string, Named>;

  constructor(names: Record<string, Record<string, Named>>) {
    this.connections = names["connection"] ?? {};
    this.gateways = names["gateway"] ?? {};
    this.cens = names["cen"] ?? {};
    this.routers = names["router"] ?? {};
    this.routeTables = names["route_table"] ?? {};
    this.attachments = names["attachment"] ?? {};
  }
}

/** A key that signs API requests, and where to send them. The key names the world, so no header is needed. */
export interface AccessKey {
  id: string;
  secret: string;
  /** Host and port, as SDKs want it. */
  endpoint: string;
  protocol: string;
}

/** How a world is made. What is left out is the scenario's, or the server's. */
export interface WorldSettings {
  scenario?: string | undefined;
  label?: string | undefined;
  clock?: string | Json | undefined;
  transitions?: string | Json | undefined;
  ids?: string | number | Json | undefined;
  /** Seconds. */
  expiresIn?: number | undefined;
}

/** A console with the kit. Its first call compares the versions. */
export class Server {
  readonly url: string;
  private compared: Promise<void> | undefined;

  constructor(
    url: string,
    readonly token: string,
  ) {
    this.url = url.replace(/\/*$/, "/");
  }

  /** The answer to a call. Throws KitError. */
  async send(method: string, path: string, body?: string | Uint8Array, kind = "application/json"): Promise<Response> {
    await (this.compared ??= this.compare());
    return this.sent(method, path, body, kind);
  }

  private async sent(method: string, path: string, body?: string | Uint8Array, kind = ""): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.token}`, ...(kind && { "Content-Type": kind }) };
    const address = `${this.url}_kit/v1${path}`;
    const answer = await fetch(address, { method, headers, body: (body as BodyInit | undefined) ?? null });
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }

  private async compare(): Promise<void> {
    const about = (await (await this.sent("GET", "/")).json()) as Json;
    const theirs = String(about["version"] ?? "");
    // A server that runs from a checkout has no version.
    if (theirs && major(theirs) !== major(VERSION)) {
      throw new Error(
        `@vpn-console/playwright ${VERSION} does not fit VPN Console ${theirs} at ${this.url}. ` +
          `Run: npm install --save-dev @vpn-console/playwright@${major(theirs)}`,
      );
    }
  }

  /** The JSON of an answer; empty if it has none. Fields that are undefined are not sent. Throws KitError. */
  async call(method: string, path: string, body: Json = {}): Promise<Json> {
    const given = Object.values(body).some((value) => value !== undefined);
    const text = await (await this.send(method, path, given ? JSON.stringify(body) : undefined)).text();
    return text ? (JSON.parse(text) as Json) : {};
  }

  /** Version, limits, scenarios and personas. */
  about(): Promise<Json> {
    return this.call("GET", "/");
  }

  /** Make a world. */
  async world({ expiresIn, ...settings }: WorldSettings = {}): Promise<World> {
    return new World(this, await this.call("POST", "/worlds", { ...settings, expires_in: expiresIn }));
  }

  /** Make a world from a file that `World.file` has returned, here or elsewhere. */
  async open(file: Uint8Array): Promise<World> {
    return new World(this, (await (await this.send("POST", "/worlds", file, "application/gzip")).json()) as Json);
  }

  /** All worlds, in brief. */
  async worlds(): Promise<Json[]> {
    return (await this.call("GET", "/worlds"))["worlds"] as Json[];
  }

  /** End the worlds with a label; without one, those that have expired. */
  async sweep(label?: string): Promise<void> {
    await this.call("POST", "/sweep", { label });
  }
}

function major(version: string): string {
  return version.split(".")[0] ?? "";
}

async function refusal(answer: Response): Promise<KitError> {
  const raw = await answer.text();
  try {
    const { code, message, hint } = JSON.parse(raw) as Json;
    if (code && message) return new KitError(answer.status, String(code), String(message), String(hint ?? ""));
  } catch {
    // Not the endpoint's.
  }
  const text = `${answer.url} is no control endpoint of a VPN Console.`;
  return new KitError(answer.status, "no_endpoint", text, "The server needs KIT=1, which `run --testing` sets.");
}

/** A world: a copy of a scenario, with a clock, sessions and access keys of its own. */
export class World {
  /** Called when something may have changed that no page knows of. */
  readonly listeners: (() => Promise<void>)[] = [];
  id!: string;
  url!: string;
  cookie!: Cookie;
  /** For clients that neither have cookies nor sign with a key of this world. */
  header!: Record<string, string>;
  names!: Names;
  members!: Record<string, Json>;
  private shown!: Json;

  constructor(
    readonly server: Server,
    shown: Json,
  ) {
    this.take(shown);
  }

  private take(shown: Json): void {
    this.shown = shown;
    this.id = String(shown["id"]);
    this.url = String(shown["url"]);
    this.cookie = shown["cookie"] as Cookie;
    this.header = shown["header"] as Record<string, string>;
    this.names = new Names(shown["names"] as Record<string, Record<string, Named>>);
    this.members = shown["members"] as Record<string, Json>;
  }

  private call(method: string, path = "", body: Json = {}): Promise<Json> {
    return this.server.call(method, `/worlds/${this.id}${path}`, body);
  }

  private async tell(): Promise<void> {
    for (const listener of this.listeners) await listener();
  }

  // --- as a whole

  /** As new, sessions and clock included. Access keys stay the same. */
  async reset(scenario?: string): Promise<void> {
    this.take(await this.call("POST", "/reset", { scenario }));
  }

  /** End the world. Ending one that is gone does nothing. */
  async delete(): Promise<void> {
    await this.call("DELETE");
  }

  /** Keep everything as it is now, under a name. */
  async snapshot(name: string): Promise<void> {
    await this.call("PUT", `/snapshots/${encodeURIComponent(name)}`);
  }

  /** Put back what a snapshot has kept, clock and sessions included. */
  async restore(name: string): Promise<void> {
    await this.call("POST", `/snapshots/${encodeURIComponent(name)}/restore`);
  }

  async snapshots(): Promise<string[]> {
    return (await this.call("GET", "/snapshots"))["snapshots"] as string[];
  }

  /** The world as one file, which `Server.open` and `vpn-console open` make a world of. */
  async file(): Promise<Uint8Array> {
    return new Uint8Array(await (await this.server.send("GET", `/worlds/${this.id}/file`)).arrayBuffer());
  }

  // --- who is in it

  /** The cookies of a browser in which a member is signed in, as Playwright takes them. */
  async session(user: string): Promise<Cookie[]> {
    return (await this.call("POST", "/sessions", { as: user }))["cookies"] as Cookie[];
  }

  /** The same as Playwright's `storageState`. */
  async storageState(user: string): Promise<any> {
    return (await this.call("POST", "/sessions", { as: user }))["storage_state"];
  }

  /** A link that puts a browser into the world once. */
  async link(user?: string, to?: string): Promise<string> {
    return String((await this.call("POST", "/enter", { as: user, to }))["url"]);
  }

  /** The key of a member. */
  accessKey(user = "alice"): AccessKey {
    const key = (this.shown["keys"] as Json)[user] as Json;
    const url = new URL(this.url);
    return { id: key["id"], secret: key["secret"], endpoint: url.host, protocol: url.protocol.replace(":", "") };
  }

  // --- time

  /** `held` at a moment or now, `running` from it, or `real`; forward only. `at` is in ISO 8601. */
  async clock(mode: "held" | "running" | "real", at?: string): Promise<Json> {
    const answer = await this.call("PUT", "/clock", { mode, at });
    await this.tell();
    return answer;
  }

  /** The time in the world, in ISO 8601. */
  async now(): Promise<string> {
    return String((await this.call("GET", "/clock"))["clock"]["at"]);
  }

  /** Move the clock forward. Return the IDs of what has settled because somebody had to end it. */
  async advance(seconds: number): Promise<string[]> {
    const answer = await this.call("POST", "/clock/advance", { seconds });
    await this.tell();
    return answer["settled"] as string[];
  }

  /**
   * How transitions end from now on.
   *
   * `kind` (connection, attachment, cen, router, route_table) and `transition` restrict it.
   */
  async transitions(
    mode: "immediate" | "time" | "reads" | "manual",
    { kind, transition, ...more }: { seconds?: number; reads?: number; kind?: string; transition?: string } = {},
  ): Promise<void> {
    const only = kind || transition ? { kind, transition } : undefined;
    await this.call("PUT", "/transitions", { mode, ...more, for: only });
  }

  /** End what is under way: all of it, or that of a resource. Return the IDs of what has settled. */
  async settle(resourceId?: string): Promise<string[]> {
    const answer = await this.call("POST", "/settle", { id: resourceId });
    await this.tell();
    return answer["settled"] as string[];
  }

  /** Draw IDs and other random values from a seed, so that a run repeats. null: random ones again. */
  async ids(seed: string | number | null, { requests = false }: { requests?: boolean } = {}): Promise<void> {
    await this.call("PUT", "/ids", { seed, requests });
  }

  // --- what is in it

  /**
   * Set the simulated device of a connection, and return the state of its tunnels afterwards.
   *
   * `negotiation` and `health` are outcomes in words, `row` one of docs/negotiation.md, `settings` those of the
   * device; `power`, `line`, `tunnel` and `at_once` are described in docs/testers.md. Without any, only look.
   */
  async peer(connectionId: string, wish?: Json): Promise<Json> {
    const path = `/peers/${encodeURIComponent(connectionId)}`;
    if (!wish) return this.call("GET", path);
    const answer = await this.call("PUT", path, wish);
    await this.tell();
    return answer;
  }

  /** Make resources of a member's account without clicking: a resource document (docs/resources.md). */
  async make(user: string, resources: Json): Promise<Json> {
    const made = await this.call("POST", "/make", { as: user, resources });
    this.names = new Names(made["names"] as Record<string, Record<string, Named>>);
    return made;
  }

  /** Everything in the world: resource documents by account, states, and events after one. */
  state(since?: number): Promise<Json> {
    return this.call("GET", `/state${since === undefined ? "" : `?since=${since}`}`);
  }

  /** What is in the world now, by kind and name. */
  async namesNow(): Promise<Names> {
    return new Names((await this.state())["names"] as Record<string, Record<string, Named>>);
  }

  /** The event log, oldest first. */
  async events(since?: number): Promise<Json[]> {
    return (await this.state(since))["events"] as Json[];
  }
}
