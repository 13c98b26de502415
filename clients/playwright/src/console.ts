/** Page objects of the console: its lists, the pages of its resources, and their forms. */

import type { Locator, Page } from "@playwright/test";

import { Details, Dialog, Form, List, Message, Part, Row, idle } from "./base.js";
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

/** The page of a connection. */
export class ConnectionDetails extends Details {
  /** Its attribute `data-state` has the code. */
  get state(): Locator {
    return this.get("state");
  }

  /** Its attribute `data-status` has the code. */
  get status(): Locator {
    return this.get("status");
  }

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
