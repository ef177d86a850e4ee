"use strict";
// printful 0.1.1: HTTP Basic with a store key, axios; its base URL is a static property.
const assert = require("node:assert/strict");
const box = require("../sandbox.cjs");
const { default: Printful } = require("printful");

module.exports = async () => {
  Printful.API_URL = box.printful;
  const client = new Printful(box.legacyKey);
  const added = await client.post("/files", { url: box.front, type: "back" });
  assert.equal(added.status, "waiting");
  assert.equal(added.type, "back");
  await box.advance(3600);
  const found = await client.get(`/files/${added.id}`);
  assert.deepEqual([found.status, found.width, found.dpi], ["ok", 1800, 300]);
  const listed = await client.get("files", { status: "ok", limit: 5 });
  assert.deepEqual([listed.total, listed.offset, listed.limit], [1, 0, 5]);
  assert.deepEqual(listed.data, [found]);
  await assert.rejects(client.get("/files/1"), { name: "PrintfulError", message: /not found/i });
  return "adds, reads, lists and is told what is not there, with a store key";
};
