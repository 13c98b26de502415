// Outside of tests: what the first call says to servers of several versions, and what Playwright is to start.
import { createServer } from "node:http";
import { Server, VERSION, consoleServer } from "@vpn-console/playwright";

const versions = {};
const major = Number(VERSION.split(".")[0]);
// A checkout has no version.
for (const [name, version] of Object.entries({ other: `${major + 1}.0.1`, same: `${major}.999.0`, checkout: "" })) {
  const answers = (request, response) =>
    response.end(JSON.stringify(request.url.endsWith("/v1/") ? { version } : { worlds: [] }));
  const server = createServer(answers);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const said = await new Server(url, "token").worlds().catch((error) => error.message.replace(url, "URL"));
  versions[name] = said;
  server.closeAllConnections();
  server.close();
}

const started = consoleServer({ command: "pipx run vpn-console", port: 9000 });
// As a worker reads the configuration again.
const again = consoleServer({ command: "pipx run vpn-console", port: 9000 });
const url = process.env.VPN_CONSOLE_URL;
process.env.VPN_CONSOLE_URL = "http://127.0.0.1:8765";
console.log(JSON.stringify({ versions, started, again, url, named: consoleServer() }));
