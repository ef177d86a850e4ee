"use strict";
// printful-client 0.2.0: a token, JSON sent as text/plain beside a header that is misspelt; no part for files, but
// a general call; its base URL is a property of its request helper.
const assert = require("node:assert/strict");
const box = require("../sandbox.cjs");
const { PrintfulClient } = require("printful-client");

module.exports = async () => {
  const [first, second] = [undefined, "v2"].map((version) => {
    const client = new PrintfulClient(box.token, "11001", version);
    client.requestHelper.baseUrl = box.printful + (version ? `/${version}` : "");
    return client;
  });
  const body = JSON.stringify({ url: box.front });
  const added = await first.requestJson("/files", { method: "POST", body });
  assert.equal(added.result.status, "waiting");
  await box.advance(3600);
  assert.equal((await first.requestJson(`files/${added.result.id}`)).result.status, "ok");
  assert.equal((await second.requestJson(`files/${added.result.id}`)).data.status, "ok");
  await assert.rejects(first.requestJson("/files/1"), { name: "PrintfulApiError", status: 404 });
  return "adds a file and reads it in both versions, through its general call";
};
