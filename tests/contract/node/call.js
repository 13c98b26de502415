// Makes one call with one of the vendor's Node clients, as described by the input, and prints the result as JSON.
"use strict";

const readInput = async () => {
  let text = "";
  for await (const piece of process.stdin) text += piece;
  return JSON.parse(text);
};

async function bySdk({ endpoint, id, secret, operation, parameters, signature }) {
  const { Config } = require("@alicloud/openapi-core").$OpenApiUtil;
  const vpc = require("@alicloud/vpc20160428");
  const config = new Config({ accessKeyId: id, accessKeySecret: secret, endpoint, protocol: "http", signatureAlgorithm: signature });
  const request = new vpc[`${operation}Request`](parameters(vpc));
  const method = operation[0].toLowerCase() + operation.slice(1);
  const response = await new vpc.default(config)[method](request);
  return { status: response.statusCode, data: response.body };
}

async function byPop({ endpoint, id, secret, operation, version, parameters, method }) {
  const { RPCClient } = require("@alicloud/pop-core");
  const client = new RPCClient({ accessKeyId: id, accessKeySecret: secret, endpoint: `http://${endpoint}`, apiVersion: version });
  return { data: await client.request(operation, parameters(), { method }) };
}

// Objects for which the SDK has a class name it: {"$": "CreateVpnAttachmentRequestTags", ...}.
const built = (value, models) => {
  if (Array.isArray(value)) return value.map((one) => built(one, models));
  if (value === null || typeof value !== "object") return value;
  const { $: name, ...fields } = value;
  const made = Object.fromEntries(Object.entries(fields).map(([key, one]) => [key, built(one, models)]));
  return name && models ? new models[name](made) : made;
};

(async () => {
  const input = await readInput();
  const client = { sdk: bySdk, pop: byPop }[input.client];
  try {
    const answer = await client({ ...input, parameters: (models) => built(input.parameters, models) });
    console.log(JSON.stringify({ ok: true, ...answer }));
  } catch (error) {
    const { name, code, statusCode, message, data } = error;
    console.log(JSON.stringify({ ok: false, name, code, statusCode, message, data }));
  }
})();
