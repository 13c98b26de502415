/** Equal to the server's, and to package.json's. */
export const VERSION = "0.1.0";
