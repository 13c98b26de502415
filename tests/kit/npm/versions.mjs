// What the first calls say to servers of several versions: the message of an error, or the worlds.
import { Server } from "@vpn-console/playwright";

const said = {};
for (const version of ["2.0.1", "0.9.0", ""]) {
  globalThis.fetch = async (address) => Response.json(new URL(address).pathname.endsWith("/v1/") ? { version } : { worlds: [] });
  said[version] = await new Server("http://console.invalid", "token").worlds().catch((error) => error.message);
}
console.log(JSON.stringify(said));
