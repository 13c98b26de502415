/** Page objects of the console: its lists, the pages of its resources, and their forms. */

import type { Locator, Page } from "@playwright/test";

import { Details, Dialog, Form, List, Message, NoSuchRow, Part, Row, idle, quoted } from "./base.js";
import type { World } from "./client.js";
import * as pages from "./pages.js";

const REGION = "eu-central-1";

/** A page in which somebody is signed in. */
export class Console {
  constructor(
    readonly page: Page,
    readonly world: World,
    /** Of lists that belong to a region, when they are opened. */
    public region: string = REGION,
  ) {}

  get connections(): ConnectionList {
    return new ConnectionList(this);
  }

  get customerGateways(): CustomerGatewayList {
    return new CustomerGatewayList(this);
  }

  get cens(): CenList {
    return new CenList(this);
  }

  get members(): MemberList {
    return new MemberList(this);
  }

  get events(): EventList {
    return new EventList(this);
  }

  /** An element of the page by its test id. */
  get(testid: string): Locator {
    return new Part(this, this.page.locator("body")).get(testid);
  }

  /** Click, and wait until the page is idle, or another one is. */
  async press(testid: string): Promise<void> {
    await new Part(this, this.page.locator("body")).press(testid);
  }

  /** Open an address of the console, such as `/events/`. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.world.url + path.replace(/^\/+/, ""));
    await idle(this.page);
  }

  /** What has just been done, or refused. */
  message(): Promise<Message> {
    return Message.of(this.page, {});
  }
}

/** Press the button that opens the form of something new, on a list with rows or without. */
async function pressCreate(list: Part): Promise<void> {
  await list.press((await list.get("create").count()) ? "create" : "empty-create");
}

// --- connections

/** The page of the simulated device of a tunnel. */
export class DeviceDetails extends pages.DeviceView {
  async edit(): Promise<pages.DeviceForm> {
    await this.press("device-edit");
    return new pages.DeviceForm(this.console);
  }

  /** Load the peer configuration, for the first time or again. */
  load(): Promise<Message> {
    return this.do("load");
  }

  /** Take the cloud's value of a setting that differs. */
  take(setting: pages.DeviceSetting): Promise<Message> {
    return this.do(`take-${setting}`);
  }

  /** The line of a setting in the comparison with the cloud. Its attribute `data-differs` says whether it does. */
  side(setting: pages.DeviceSetting): Locator {
    return this.get(`side-${setting}`);
  }

  /** The settings that differ from the cloud's. */
  async differences(): Promise<pages.DeviceSetting[]> {
    const found: pages.DeviceSetting[] = [];
    for (const row of await this.locator.locator("[data-testid^='side-'][data-differs='true']").all()) {
      const testid = (await row.getAttribute("data-testid")) ?? "";
      found.push(testid.replace(/^side-/, "") as pages.DeviceSetting);
    }
    return found;
  }

  /** Switch the device on or off. It stays as it is if it is so already. */
  async setPower(on: boolean): Promise<Message> {
    return (await this.codes()).power === String(on) ? new Message() : this.do("power");
  }

  /** Restore or cut the line. It stays as it is if it is so already. */
  async setLine(up: boolean): Promise<Message> {
    return (await this.codes()).line === String(up) ? new Message() : this.do("line");
  }

  /** Restart the device, which deletes its SAs. */
  restart(): Promise<Message> {
    return this.do("restart");
  }

  /** Let the tunnel be negotiated again. */
  reset(): Promise<Message> {
    return this.do("reset");
  }

  /** Send traffic from an end, once or until `stop`. */
  send(end: pages.End, options: { steadily?: boolean } = {}): Promise<Message> {
    return this.do(`${options.steadily ? "steady" : "send"}-${end}`);
  }

  /** Stop the steady traffic of an end. */
  stop(end: pages.End): Promise<Message> {
    return this.do(`steady-${end}`);
  }

  private async do(what: string): Promise<Message> {
    await this.press(`device-${what}`);
    return this.console.message();
  }
}

/** A tunnel of a connection, on the tab of its tunnels. */
export class Tunnel extends pages.TunnelView {
  constructor(
    console: Console,
    readonly number: number,
    testid: string,
  ) {
    super(console, console.page.locator(`main [data-testid=${quoted(testid)}]`), testid);
  }

  get id(): string {
    return this.stem.replace(/^tunnel-/, "");
  }

  /** What the two sides have agreed on. */
  value(field: string): Locator {
    return this.get(`${this.stem}-value-${field}`);
  }

  /** The form of one of two tunnels. An only one is changed with its connection. */
  async edit(): Promise<pages.TunnelEditForm> {
    await this.press(`${this.stem}-edit`);
    return new pages.TunnelEditForm(this.console, this.number);
  }

  /** Go to the simulated device. */
  async device(): Promise<DeviceDetails> {
    await this.press(`${this.stem}-device`);
    return new DeviceDetails(this.console);
  }

  /** Error Details, of a tunnel that has a problem. */
  error(of: "status" | "bgp" | "health" = "status"): Promise<Dialog> {
    return this.dialog(`${this.stem}-details-${of}`);
  }
}

/** What the diagnosis has found about a tunnel. */
export class Report extends pages.ReportView {
  constructor(
    console: Console,
    readonly number: number,
  ) {
    super(console, console.page.locator("main"), `diagnosis-tunnel${number}`);
  }

  /** What a check has found. Its attribute `data-level` says how bad that is. */
  finding(check: pages.Check): Locator {
    return this.get(`finding-tunnel${this.number}-${check}`);
  }

  /** How bad is what each check has found, worst first. */
  async findings(): Promise<Partial<Record<pages.Check, pages.Level>>> {
    const stem = `finding-tunnel${this.number}-`;
    const found: Partial<Record<pages.Check, pages.Level>> = {};
    for (const one of await this.locator.locator(`[data-testid^=${quoted(stem)}]`).all()) {
      const check = ((await one.getAttribute("data-testid")) ?? "").replace(stem, "") as pages.Check;
      found[check] = (await one.getAttribute("data-level")) as pages.Level;
    }
    return found;
  }

  /** Go to where that is mended: a form, or a page of either side. */
  async mend(check: pages.Check, position = 1): Promise<void> {
    await this.press(`mend-tunnel${this.number}-${check}-${position}`);
  }
}

/** The diagnosis of a connection. */
export class Diagnosis extends Part {
  constructor(console: Console) {
    super(console, console.page.locator("main"));
  }

  /** All of it as text. */
  get text(): Locator {
    return this.get("diagnosis-text");
  }

  report(tunnel = 1): Report {
    return new Report(this.console, tunnel);
  }

  /** Run it again. */
  async again(): Promise<void> {
    await this.press("diagnosis-again");
  }
}

/** A line of the log of a tunnel. `at` is in ISO 8601. */
export interface LogLine {
  readonly at: string;
  readonly end: pages.End;
  readonly level: pages.LogLevel;
  readonly component: string;
  readonly text: string;
}

/** What a page of logs shows. A blank choice is the usual one. */
export interface LogFilter {
  /** The number of the tunnel. */
  tunnel?: number;
  window?: pages.LogWindow;
  /** Such as `2026-03-02T09:00:00`, with the window `own`. */
  start?: string;
  end?: string;
  text?: string;
  level?: pages.LeastLevel;
  ends?: pages.LogEnds;
}

/** The logs of a connection: of one tunnel at a time, both ends beside each other. */
export class Logs extends Part {
  constructor(console: Console) {
    super(console, console.page.locator("main"));
  }

  /** Show the lines of a tunnel, of a window of time, with a text, from a level on, of one end. */
  async filter(filter: LogFilter): Promise<void> {
    if (filter.tunnel !== undefined) await this.get("log-tunnel").selectOption({ index: filter.tunnel - 1 });
    const choices = { "log-window-choice": filter.window, "log-level": filter.level, "log-ends": filter.ends };
    for (const [testid, choice] of Object.entries(choices)) {
      if (choice !== undefined) await this.get(testid).selectOption(choice);
    }
    for (const [testid, typed] of Object.entries({ "log-from": filter.start, "log-to": filter.end, "log-q": filter.text })) {
      if (typed === undefined) continue;
      await this.get(testid).fill(typed);
      await this.get(testid).blur();
    }
    await idle(this.page);
  }

  /** The lines of the page, newest first; of one moment, those of the cloud first. */
  lines(): Promise<LogLine[]> {
    return this.locator.locator("#log").evaluate((list) =>
      [...list.querySelectorAll<HTMLElement>(".log-line")].map((line) => {
        const text = line.cloneNode(true) as HTMLElement;
        const component = text.querySelector(".log-part")?.textContent ?? "";
        for (const one of text.querySelectorAll(".log-level, .log-part, .log-peers")) one.remove();
        return {
          at: line.closest(".log-row")?.querySelector("time")?.dateTime ?? "",
          end: line.dataset["end"] as pages.End,
          level: line.dataset["level"] as pages.LogLevel,
          component,
          text: (text.textContent ?? "").trim(),
        };
      }),
    );
  }

  /** Add older lines below. */
  async older(): Promise<void> {
    await this.press("log-older");
  }

  /** Add new lines above from now on, or no longer. */
  async follow(): Promise<void> {
    await this.press("log-follow");
  }
}

/** The page of a connection. */
export class ConnectionDetails extends pages.ConnectionView {
  async edit(): Promise<pages.ConnectionEditForm> {
    await this.press("edit");
    return new pages.ConnectionEditForm(this.console);
  }

  /** The form that opens the connection to another account, on its tab. */
  async authorize(): Promise<pages.AuthorizationForm> {
    await this.tab("authorizations");
    await this.press("authorize");
    return new pages.AuthorizationForm(this.console);
  }

  async addRoute(): Promise<pages.RouteForm> {
    await this.tab("routes");
    await this.press("route-create");
    return new pages.RouteForm(this.console);
  }

  async editTags(): Promise<pages.TagsForm> {
    await this.tab("tags");
    await this.press("edit-tags");
    return new pages.TagsForm(this.console);
  }

  /** The tunnels, on their tab. */
  async tunnels(): Promise<Tunnel[]> {
    await this.tab("tunnels");
    const found: Tunnel[] = [];
    for (const one of await this.locator.locator("[data-tunnel]").all()) {
      found.push(new Tunnel(this.console, found.length + 1, (await one.getAttribute("data-testid")) ?? ""));
    }
    return found;
  }

  /** A tunnel by its number, on the tab of tunnels. Throws NoSuchRow. */
  async tunnel(number = 1): Promise<Tunnel> {
    const tunnel = (await this.tunnels())[number - 1];
    if (!tunnel) throw new NoSuchRow(`${this.page.url()} has no tunnel ${number}.`);
    return tunnel;
  }

  /** Go to the simulated device of a tunnel. */
  async device(tunnel = 1): Promise<DeviceDetails> {
    return (await this.tunnel(tunnel)).device();
  }

  async diagnose(): Promise<Diagnosis> {
    await this.press("diagnose");
    return new Diagnosis(this.console);
  }

  async logs(): Promise<Logs> {
    await this.tab("logs");
    return new Logs(this.console);
  }
}

/** A row of the list of connections. */
export class ConnectionRow extends Row<ConnectionDetails> {
  cell(column: pages.ConnectionColumn): Locator {
    return this.get(`${this.stem}-value-${column}`);
  }

  /** Its attribute `data-state` has the code. */
  get state(): Locator {
    return this.cell("state");
  }

  /** Its attribute `data-status` has the code. */
  get status(): Locator {
    return this.cell("status");
  }

  async edit(): Promise<pages.ConnectionEditForm> {
    await this.action("edit");
    return new pages.ConnectionEditForm(this.console);
  }

  async clone(): Promise<pages.ConnectionForm> {
    await this.action("clone");
    return new pages.ConnectionForm(this.console);
  }

  async diagnose(): Promise<Diagnosis> {
    await this.action("diagnose");
    return new Diagnosis(this.console);
  }

  async logs(): Promise<Logs> {
    await this.action("logs");
    return new Logs(this.console);
  }
}

/** The connections of a region. */
export class ConnectionList extends List<ConnectionRow> {
  override readonly NOUN = "connection";
  override readonly PATH = pages.PATHS.connections;
  override readonly ROW = ConnectionRow;
  override readonly DETAILS = ConnectionDetails;

  async create(): Promise<pages.ConnectionForm> {
    await this.open();
    await pressCreate(this);
    return new pages.ConnectionForm(this.console);
  }
}

// --- customer gateways

/** The page of a customer gateway. */
export class CustomerGatewayDetails extends Details {
  async edit(): Promise<pages.CustomerGatewayEditForm> {
    await this.press("edit");
    return new pages.CustomerGatewayEditForm(this.console);
  }
}

/** A row of the list of customer gateways. */
export class CustomerGatewayRow extends Row<CustomerGatewayDetails> {}

/** The customer gateways of a region. */
export class CustomerGatewayList extends List<CustomerGatewayRow> {
  override readonly NOUN = "gateway";
  override readonly PATH = pages.PATHS.customer_gateways;
  override readonly ROW = CustomerGatewayRow;
  override readonly DETAILS = CustomerGatewayDetails;

  async create(): Promise<pages.CustomerGatewayForm> {
    await this.open();
    await pressCreate(this);
    return new pages.CustomerGatewayForm(this.console);
  }
}

// --- CEN instances and transit routers

/** The page of a transit router. */
export class RouterDetails extends Details {
  /** The form that attaches a connection. */
  async attach(): Promise<pages.AttachForm> {
    await this.press("router-attach");
    return new pages.AttachForm(this.console);
  }

  async createCidr(): Promise<pages.RouterCidrForm> {
    await this.tab("basic");
    await this.press("cidr-create");
    return new pages.RouterCidrForm(this.console);
  }

  async createRouteTable(): Promise<pages.RouteTableForm> {
    await this.tab("routes");
    await this.press("route-table-create");
    return new pages.RouteTableForm(this.console);
  }
}

class Routers extends List<Row<RouterDetails>> {
  override readonly NOUN = "router";
  override readonly DETAILS = RouterDetails;

  async go(name: string): Promise<RouterDetails> {
    return (await this.here(name)).open();
  }
}

/** The page of a CEN instance. */
export class CenDetails extends Details {
  async createRouter(): Promise<pages.TransitRouterForm> {
    await this.press("router-create");
    return new pages.TransitRouterForm(this.console);
  }

  /** Go to a transit router by its name or ID. */
  router(name: string): Promise<RouterDetails> {
    return new Routers(this.console).go(name);
  }
}

/** A row of the list of CEN instances. */
export class CenRow extends Row<CenDetails> {
  /** Its attribute `data-status` has the code. */
  get status(): Locator {
    return this.get(`state-${this.id}`);
  }
}

/** The CEN instances of the account. */
export class CenList extends List<CenRow> {
  override readonly NOUN = "cen";
  override readonly PATH = pages.PATHS.cens;
  override readonly ROW = CenRow;
  override readonly DETAILS = CenDetails;

  async create(): Promise<pages.CenForm> {
    await this.open();
    await pressCreate(this);
    return new pages.CenForm(this.console);
  }
}

// --- the account

/** The members of the account. */
export class MemberList extends List {
  override readonly PATH = pages.PATHS.members;

  async create(): Promise<pages.MemberForm> {
    await this.open();
    await this.press("create");
    return new pages.MemberForm(this.console);
  }
}

/** The event log. Its rows have the attributes `data-operation` and `data-outcome`. */
export class EventList extends List {
  override readonly PATH = pages.PATHS.events;

  override rows(): Locator {
    return this.locator.locator("tr[data-operation]");
  }

  /** The operations of the page, newest first. */
  async operations(): Promise<string[]> {
    await this.ensureOpen();
    const operations: string[] = [];
    for (const row of await this.rows().all()) operations.push((await row.getAttribute("data-operation")) ?? "");
    return operations;
  }
}

export { Details, Dialog, Form, List, Message, Row };
