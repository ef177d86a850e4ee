"use strict";
// printful-sdk-js-v2 2.1.3-beta: version 2 of the service, generated from its document; the base URL is an option.
const assert = require("node:assert/strict");
const box = require("../sandbox.cjs");
const { ApiError, PrintfulClient } = require("printful-sdk-js-v2");

module.exports = async () => {
  const client = new PrintfulClient({ BASE: box.printful, TOKEN: box.token });
  const { filesV2: part } = client;
  const added = await part.addFile({ url: box.front, role: "printfile", visible: true });
  assert.equal(added.data.status, "waiting");
  assert.ok(added.data._links.self.href.endsWith(`/v2/files/${added.data.id}`));
  await box.advance(3600);
  const found = await part.getFileById(added.data.id);
  assert.deepEqual([found.data.status, found.data.width, found.data.dpi], ["ok", 1800, 300]);
  await assert.rejects(part.getFileById(1), (error) => error instanceof ApiError && error.status === 404);
  return "adds and reads files of version 2, and is told what is not there";
};
