/**
 * What page objects are made of: lists, rows, forms, details, dialogs and messages, found by test ids and codes.
 *
 * An action ends when the page is idle. Nothing asserts; every object has the locators with which a test does.
 */

import type { BrowserContext, Locator, Page } from "@playwright/test";

import type { Console } from "./console.js";

const IDLE = "html[data-idle]";
const DIALOG = "#dialog-body";

/** A field that a form does not have, or does not show now, and what it appears with. */
export class NoSuchField extends Error {
  override readonly name = "NoSuchField";
}

/** A value that a field does not offer, and those that it does. */
export class NoSuchValue extends Error {
  override readonly name = "NoSuchValue";
}

/** A row that a list does not have. */
export class NoSuchRow extends Error {
  override readonly name = "NoSuchRow";
}

/** A text as CSS has it in an attribute selector. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Wait until no request, swap or submit of the page is under way. */
export async function idle(page: Page): Promise<void> {
  await page.locator(IDLE).waitFor({ state: "attached" });
}

/** Let the pages of a context look at once at what is under way, as they do each second. */
export async function moved(context: BrowserContext): Promise<void> {
  for (const page of context.pages()) {
    if (page.url().startsWith("http")) {
      await page.evaluate(() => document.dispatchEvent(new Event("vpnc:moved")));
      await idle(page);
    }
  }
}

/** The text of a message without its controls. */
function ownText(element: Locator): Promise<string> {
  return element.evaluate((one) => {
    const copy = one.cloneNode(true) as Element;
    for (const control of copy.querySelectorAll("button, [data-testid$='-code']")) control.remove();
    return (copy.textContent ?? "").replace(/\s+/g, " ").trim();
  });
}

/** A part of the console. `locator` is its element. */
export class Part {
  readonly page: Page;

  constructor(
    readonly console: Console,
    readonly locator: Locator,
  ) {
    this.page = console.page;
  }

  /** An element in this part by its test id. */
  get(testid: string): Locator {
    return this.locator.locator(`[data-testid=${quoted(testid)}]`);
  }

  /** Click, and wait until the page is idle, or another one is. */
  async press(testid: string): Promise<void> {
    const control = this.get(testid);
    const leadsOn = (await control.getAttribute("href")) && !(await control.getAttribute("hx-get"));
    if (leadsOn && (await control.getAttribute("data-dialog-close")) === null) {
      await Promise.all([this.page.waitForNavigation(), control.click()]);
    } else {
      await control.click();
    }
    await idle(this.page);
  }

  /** Press what opens a dialog. */
  async dialog(testid: string): Promise<Dialog> {
    await this.press(testid);
    return new Dialog(this.console);
  }
}

/** What the console says after an action: the operation that was done, or what is wrong. */
export class Message {
  constructor(
    readonly operation = "",
    readonly text = "",
    /** Codes by field; those of no field by a blank name. */
    readonly errors: Readonly<Record<string, string>> = {},
  ) {}

  static async of(page: Page, errors: Readonly<Record<string, string>>): Promise<Message> {
    const element = page.locator('[data-testid="message-1"]');
    if (!(await element.count())) return new Message("", "", errors);
    const operation = (await element.getAttribute("data-operation")) ?? "";
    return new Message(operation, await ownText(element), errors);
  }
}

/** Codes of errors by the names of fields in test ids; those of no field by a blank name. */
async function errorsIn(scope: Locator): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const notes of await scope.locator('[data-testid^="notes-"]:has(.invalid-feedback)').all()) {
    const field = ((await notes.getAttribute("data-testid")) ?? "").replace(/^notes-/, "");
    found[field] = (await notes.locator(".invalid-feedback").first().getAttribute("data-code")) || "invalid";
  }
  const summaries = ".summary[data-code], [data-testid='error-summary'] li[data-code]:not(:has(a))";
  for (const alone of await scope.locator(summaries).all()) {
    found[""] ??= (await alone.getAttribute("data-code")) || "invalid";
  }
  return found;
}

/** The dialog of a page: a question, a form or a refusal. */
export class Dialog extends Part {
  constructor(console: Console) {
    super(console, console.page.locator(DIALOG));
  }

  async text(): Promise<string> {
    return (await this.locator.innerText()).trim();
  }

  /** The code of the refusal; blank if the dialog does not refuse. */
  async refusal(): Promise<string> {
    return (await errorsIn(this.locator))[""] ?? "";
  }

  /** Do it. */
  async ok(): Promise<Message> {
    await this.press("dialog-ok");
    return Message.of(this.page, await errorsIn(this.locator));
  }

  /** Do not, or close a dialog that has nothing to do. */
  async cancel(): Promise<void> {
    await this.locator.locator("[data-testid='dialog-cancel'], [data-testid='dialog-close']").click();
    await idle(this.page);
  }
}

// --- forms

export type Kind = "text" | "secret" | "switch" | "radio" | "select" | "rows" | "selects" | "tags";

/** A field of a form: its name here, the one in test ids, what its control is, and what it appears with. */
export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly htmlName?: string;
  /** Values of other fields by name, with which it appears. */
  readonly needs?: Readonly<Record<string, string | boolean>>;
  /** Fields that decide what it offers. */
  readonly after?: readonly string[];
}

type FieldValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

/** A form on a page or in a dialog. Classes of pages.ts know its fields. */
export class Form<V extends object = Record<string, FieldValue>> extends Part {
  /** Deciding fields first. */
  static readonly FIELDS: readonly Field[] = [];

  constructor(console: Console) {
    const inDialog = `${DIALOG}:has([data-testid="dialog-ok"])`;
    super(console, console.page.locator(`${inDialog}, body:not(:has(${inDialog})) main`));
  }

  private get type(): typeof Form {
    return this.constructor as typeof Form;
  }

  /** The name of a field in test ids. */
  protected testidOf(field: Field): string {
    return field.htmlName ?? field.name;
  }

  /** A field by its name. Throws NoSuchField. */
  static field(name: string): Field {
    const field = this.FIELDS.find((one) => one.name === name);
    if (field) return field;
    const there = this.FIELDS.map((one) => one.name).join(", ");
    throw new NoSuchField(`${this.name} has no field ${JSON.stringify(name)}. It has ${there}.`);
  }

  /** The control of a field; of a field with several, the element that they are in. */
  control(name: string): Locator {
    const field = this.type.field(name);
    const testid = this.testidOf(field);
    switch (field.kind) {
      case "radio":
        return this.locator.locator(`.radios:has([data-testid^=${quoted(`field-${testid}-`)}])`);
      case "rows":
      case "selects":
      case "tags":
        return this.locator.locator(`.rows:has([data-testid=${quoted(`field-${testid}-add`)}])`);
      default:
        return this.get(`field-${testid}`);
    }
  }

  /** Set fields by their names, deciding ones first. Throws NoSuchField, NoSuchValue. */
  async fill(values: V): Promise<this> {
    const given = new Map(Object.entries(values).filter(([, value]) => value !== undefined) as [string, FieldValue][]);
    for (const name of given.keys()) this.type.field(name);
    for (const field of this.type.FIELDS) {
      const value = given.get(field.name);
      if (value !== undefined) await this.set(field, value);
    }
    return this;
  }

  private async set(field: Field, value: FieldValue): Promise<void> {
    const control = this.control(field.name);
    if (!(await control.count())) throw new NoSuchField(await this.missing(field));
    // Folds and the like, from the outside.
    const folds = control.locator("xpath=ancestor::details[not(@open)]/summary");
    while (await folds.count()) await folds.first().click();
    switch (field.kind) {
      case "switch":
        await control.setChecked(value as boolean);
        break;
      case "radio":
        await this.setRadio(field, control, String(value));
        break;
      case "select":
        await this.setSelect(field, control, String(value));
        break;
      case "rows":
      case "selects":
        await this.setRows(field, control, value as readonly string[]);
        break;
      case "tags":
        await this.setTags(control, value as Readonly<Record<string, string>>);
        break;
      default:
        await this.setText(control, String(value));
    }
    await idle(this.page);
  }

  private async missing(field: Field): Promise<string> {
    const locked = this.get(`locked-${this.testidOf(field)}`);
    if (await locked.count()) return `${field.name} cannot be changed: ${(await locked.innerText()).trim()}`;
    const needs = Object.entries(field.needs ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
    const appearing = needs.length ? `: it appears with ${needs.join(" and ")}` : "";
    return `${this.type.name} does not show ${field.name} now${appearing}.`;
  }

  private async setText(control: Locator, value: string): Promise<void> {
    await control.fill(value);
    // What is typed is judged when the field is left.
    await control.blur();
  }

  private async setRadio(field: Field, control: Locator, value: string): Promise<void> {
    const prefix = `field-${this.testidOf(field)}-`;
    const chosen = this.get(`${prefix}${value}`);
    if (!(await chosen.count())) {
      const there: string[] = [];
      for (const one of await control.locator("input").all()) {
        there.push(((await one.getAttribute("data-testid")) ?? "").replace(prefix, ""));
      }
      throw notOffered(field, value, there);
    }
    await chosen.check();
  }

  private async setSelect(field: Field, control: Locator, value: string): Promise<void> {
    if (await choose(control, value)) return;
    const search = this.get(`search-${this.testidOf(field)}`);
    if (await search.count()) {
      // Only the first rows are offered.
      await search.fill(value);
      await idle(this.page);
      if (await choose(control, value)) return;
    }
    throw notOffered(field, value, (await options(control)).map(([one, name]) => name || one));
  }

  /** Add or remove rows until there are so many. */
  private async rows(control: Locator, count: number): Promise<void> {
    const rows = control.locator(":scope > [data-row]");
    while ((await rows.count()) < count) await control.locator("[data-row-add]").click();
    while ((await rows.count()) > Math.max(count, 1)) await rows.last().locator("[data-row-remove]").click();
  }

  private async setRows(field: Field, control: Locator, values: readonly string[]): Promise<void> {
    await this.rows(control, values.length);
    for (const [index, text] of (values.length ? values : [""]).entries()) {
      const one = this.get(`field-${this.testidOf(field)}-${index + 1}`);
      await (field.kind === "rows" ? this.setText(one, text) : this.setSelect(field, one, text));
    }
  }

  private async setTags(control: Locator, values: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(values);
    await this.rows(control, pairs.length);
    for (const [index, [key, text]] of (pairs.length ? pairs : [["", ""] as const]).entries()) {
      await this.setText(this.get(`field-tag_key-${index + 1}`), key);
      await this.setText(this.get(`field-tag_value-${index + 1}`), text);
    }
  }

  /** Messages and advice beside a field. */
  notes(name: string): Locator {
    return this.get(`notes-${this.testidOf(this.type.field(name))}`);
  }

  /** That saving interrupts a tunnel, and nothing has been saved. To submit again saves. */
  get review(): Locator {
    return this.get("review");
  }

  /** Codes of errors by the names of fields; those of no field by a blank name. */
  errors(): Promise<Record<string, string>> {
    return this.errorsIn(this.locator);
  }

  private async errorsIn(scope: Locator): Promise<Record<string, string>> {
    const names = new Map(this.type.FIELDS.map((field) => [this.testidOf(field), field.name]));
    const found = Object.entries(await errorsIn(scope));
    return Object.fromEntries(found.map(([testid, code]) => [names.get(testid) ?? testid, code]));
  }

  private async isInDialog(): Promise<boolean> {
    return (await this.page.locator(DIALOG).locator("[data-testid='dialog-ok']").count()) > 0;
  }

  /** Send the form. The message has the operation, or why the form was refused. */
  async submit(): Promise<Message> {
    const inDialog = await this.isInDialog();
    await this.press(inDialog ? "dialog-ok" : "form-ok");
    // The dialog may have only a refusal now.
    return Message.of(this.page, await this.errorsIn(this.page.locator(inDialog ? DIALOG : "main")));
  }

  async cancel(): Promise<void> {
    await this.press((await this.isInDialog()) ? "dialog-cancel" : "form-cancel");
  }
}

/** A form of one of two tunnels. Its fields are declared with the test ids of the first. */
export class TunnelForm<V extends object = Record<string, FieldValue>> extends Form<V> {
  constructor(
    console: Console,
    readonly number = 1,
  ) {
    super(console);
  }

  protected override testidOf(field: Field): string {
    return super.testidOf(field).replace(/^tunnel1-/, `tunnel${this.number}-`);
  }
}

function notOffered(field: Field, value: string, there: readonly string[]): NoSuchValue {
  const offered = there.filter(Boolean).join(", ");
  return new NoSuchValue(`${field.name} does not offer ${JSON.stringify(value)}. It offers ${offered}.`);
}

/** Value, name of the resource and text of each option. */
function options(control: Locator): Promise<[string, string, string][]> {
  return control.evaluate((one) =>
    [...(one as HTMLSelectElement).options].map((option) => [
      option.value,
      option.dataset["name"] ?? "",
      option.text.trim(),
    ]),
  );
}

/** Choose an option by its value, the name of the resource, or its text. Return whether there is one. */
async function choose(control: Locator, value: string): Promise<boolean> {
  const there = await options(control);
  for (const part of [0, 1, 2] as const) {
    const option = there.find((one) => one[part] === value);
    if (option) {
      await control.selectOption(option[0]);
      return true;
    }
  }
  return false;
}

// --- codes

/** What a part shows by a code: its name, the element's test id, and the attribute with the code. */
export interface Value {
  readonly name: string;
  readonly testid: string;
  readonly attribute: string;
}

/** A part with codes, which are the same in every language. Classes of pages.ts know them. */
export class View<C extends object = object> extends Part {
  /** `{stem}` in a test id is how those of the part begin. */
  static readonly VALUES: readonly Value[] = [];

  constructor(
    console: Console,
    locator: Locator,
    readonly stem = "",
  ) {
    super(console, locator);
  }

  private get values(): { name: string; testid: string; attribute: string }[] {
    const declared = (this.constructor as typeof View).VALUES;
    return declared.map((value) => ({ ...value, testid: value.testid.replace("{stem}", this.stem) }));
  }

  /** The element of a value, whose attribute has the code. */
  element(name: string): Locator {
    return this.get(this.values.find((value) => value.name === name)?.testid ?? "");
  }

  /** The codes that the part shows now, by name; blank where there is none. */
  async codes(): Promise<C> {
    const wanted = this.values.map(({ name, testid, attribute }) => [name, `[data-testid=${quoted(testid)}]`, attribute]);
    const found = await this.locator.evaluate(
      (one, all) => all.map(([name, css, attribute]) => [name, one.querySelector(css!)?.getAttribute(attribute!) ?? ""]),
      wanted,
    );
    return Object.fromEntries(found) as C;
  }
}

// --- lists and details

/** Of the IDs of resources that have pages. */
const PREFIXES = ["vco", "cgw", "cen", "tr", "tr-attach", "vtb", "tun"];

/** The page of a resource. */
export class Details<C extends object = object> extends View<C> {
  constructor(console: Console) {
    super(console, console.page.locator("main"));
  }

  /** The ID of the resource, from the address: it follows the name of the collection. */
  get id(): string {
    const words = new URL(this.page.url()).pathname.split("/").reverse();
    return words.find((word) => PREFIXES.includes(word.slice(0, Math.max(word.lastIndexOf("-"), 0)))) ?? "";
  }

  /** A parameter's value. */
  value(field: string): Locator {
    return this.get(`value-${field}`);
  }

  async tab(name: string): Promise<void> {
    await this.press(`tab-${name}`);
  }

  async delete(): Promise<Dialog> {
    if (!(await this.get("delete").isVisible())) await this.press("more");
    return this.dialog("delete");
  }
}

/** A row of a list. */
export class Row<D extends Details = Details> extends Part {
  /** `testid`: null if the list does not have the row. */
  constructor(
    private readonly listing: List<Row>,
    readonly name: string,
    element: Locator,
    private readonly testid: string | null,
  ) {
    super(listing.console, testid ? listing.get(testid) : element);
  }

  get element(): Locator {
    return this.locator;
  }

  /** How the test ids of the row begin. Throws NoSuchRow. */
  get stem(): string {
    if (!this.testid) throw new NoSuchRow(`${this.page.url()} has no row ${JSON.stringify(this.name)}.`);
    return this.testid.replace(/-row$/, "");
  }

  /** The ID of the resource. Throws NoSuchRow. */
  get id(): string {
    return this.stem.slice(this.listing.NOUN.length + 1);
  }

  /** Go to the details. */
  async open(): Promise<D> {
    await this.press(this.stem);
    return new this.listing.DETAILS(this.console) as D;
  }

  /** Press an action, which may be in the row's menu. */
  async action(name: string): Promise<void> {
    const testid = `${this.stem}-${name}`;
    // The menu of a list of connections is outside of the row.
    const everywhere = new Part(this.console, this.page.locator("body"));
    if (!(await everywhere.get(testid).isVisible())) await this.press(`${this.stem}-more`);
    await everywhere.press(testid);
  }

  async delete(): Promise<Dialog> {
    await this.action("delete");
    return new Dialog(this.console);
  }
}

/** A page with a list. It opens when it is needed. */
export class List<R extends Row = Row> extends Part {
  readonly NOUN: string = "";
  /** Below the console's address; `{region}` is that of the console object. */
  readonly PATH: string = "";
  readonly ROW: new (listing: List<Row>, name: string, element: Locator, testid: string | null) => Row = Row;
  readonly DETAILS: new (console: Console) => Details = Details;

  constructor(console: Console) {
    super(console, console.page.locator("main"));
  }

  get address(): string {
    return this.console.world.url + this.PATH.replace("{region}", this.console.region);
  }

  /** Open the list as it is without search, filter and page. */
  async open(): Promise<void> {
    await this.page.goto(this.address);
    await idle(this.page);
  }

  /** Open the list unless it is; return whether it had to be. */
  protected async ensureOpen(): Promise<boolean> {
    if (this.page.url().split("?")[0] === this.address) return false;
    await this.open();
    return true;
  }

  /** The row with a name or an ID, on whichever page it is. */
  async row(name: string): Promise<R> {
    const isFresh = await this.ensureOpen();
    const row = await this.find(name);
    if (isFresh || (await row.element.count())) return row;
    // Filtered, or made elsewhere since.
    await this.open();
    return this.find(name);
  }

  private async find(name: string): Promise<R> {
    let row = await this.here(name);
    while (!(await row.element.count()) && (await this.get("page-next").count())) {
      await this.press("page-next");
      row = await this.here(name);
    }
    return row;
  }

  /** The row with a name or an ID on the page that is open. Of several with one name, the first. */
  protected async here(name: string): Promise<R> {
    const byName = this.locator.locator(`tr[data-name=${quoted(name)}]`);
    const element = byName.or(this.get(`${this.NOUN}-${name}-row`));
    const testid = (await element.count()) ? await element.first().getAttribute("data-testid") : null;
    return new this.ROW(this as unknown as List<Row>, name, element, testid) as R;
  }

  /** The rows of the page. */
  rows(): Locator {
    return this.locator.locator("tr[data-name]");
  }

  /** The names of the rows of the page. */
  async names(): Promise<string[]> {
    await this.ensureOpen();
    const names: string[] = [];
    for (const row of await this.rows().all()) names.push((await row.getAttribute("data-name")) ?? "");
    return names;
  }

  async search(text: string): Promise<void> {
    await this.ensureOpen();
    await this.get("search").fill(text);
    await idle(this.page);
  }

  /** Set a filter: of a select, the value or the text of an option. */
  async filter(name: string, value: string): Promise<void> {
    await this.ensureOpen();
    const control = this.get(`filter-${name}`);
    if ((await control.evaluate((one) => one.tagName)) === "SELECT") {
      await control.selectOption(value);
    } else {
      await control.fill(value);
      await control.blur();
    }
    await idle(this.page);
  }

  async sort(column: string): Promise<void> {
    await this.ensureOpen();
    await this.press(`sort-${column}`);
  }

  /** Select rows, which are on one page. */
  async select(...names: string[]): Promise<void> {
    for (const name of names) {
      const row = await this.row(name);
      await row.get(`${row.stem}-pick`).check();
    }
  }

  deleteSelected(): Promise<Dialog> {
    return this.dialog("delete-selected");
  }
}
