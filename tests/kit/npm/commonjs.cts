/** Types of the package for CommonJS. */

import kit = require("@vpn-console/playwright");

kit.test("typed", async ({ app }) => {
  await new kit.pages.DeviceForm(app).fill({ mtu: 1300 });
});
