"use strict";
// `node drive.cjs NAME`: drive one client against the sandbox at PRINT_SANDBOX_URL and say what it did.
const name = process.argv[2];
const { version } = require(`./node_modules/${name}/package.json`);

require(`./drive/${name}.cjs`)().then(
  (did) => console.log(JSON.stringify({ version, did })),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
