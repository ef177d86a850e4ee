"use strict";
// printful-request 2.0.0: a token, cross-fetch; its base URL is an option.
const assert = require("node:assert/strict");
const box = require("../sandbox.cjs");
const { PrintfulClient } = require("printful-request");

module.exports = async () => {
  const client = new PrintfulClient(box.token, { baseUrl: box.printful });
  const added = await client.post("files", { url: box.front });
  assert.deepEqual([added.code, added.result.status], [200, "waiting"]);
  await box.advance(3600);
  const found = await client.get(`files/${added.result.id}`);
  assert.deepEqual([found.result.status, found.result.height > 0], ["ok", true]);
  assert.equal((await client.get("files", { limit: 1, status: "ok" })).paging.total, 1);
  assert.equal((await client.post("files", { url: box.front })).result.id, added.result.id);
  await assert.rejects(client.get("files/1"), (error) => error.code === 404);
  await assert.rejects(client.post("files", {}), (error) => error.code === 400);
  const stranger = new PrintfulClient("nobody", { baseUrl: box.printful });
  await assert.rejects(stranger.get("files"), (error) => error.code === 401);
  return "adds, reads, lists, gets the same file for the same URL, and is refused where it must be";
};
