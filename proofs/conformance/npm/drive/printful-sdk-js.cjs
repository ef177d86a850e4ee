"use strict";
// printful-sdk-js 1.0.7: a token, JSON sent as text/plain; its base URL is a property of each part.
const assert = require("node:assert/strict");
const box = require("../sandbox.cjs");
const { createPrintfulStoreClient } = require("printful-sdk-js");

module.exports = async () => {
  await box.world({ printful_profile: "modern" }); // thread colours came later than store keys went
  const { fileLibrary } = createPrintfulStoreClient(box.token);
  fileLibrary.origin = box.printful;
  const added = await fileLibrary.addFile({ url: box.label, filename: "label.png" });
  assert.deepEqual([added.code, added.error, added.result.filename], [200, null, "label.png"]);
  await box.advance(3600);
  const found = await fileLibrary.getFile(added.result.id);
  assert.deepEqual([found.code, found.result.status], [200, "ok"]);
  const missing = await fileLibrary.getFile("@invalid_id");
  assert.ok(missing.code >= 400 && missing.result === null, JSON.stringify(missing));
  const colours = await fileLibrary.getThreadColors(box.front);
  assert.equal(colours.code, 200);
  assert.ok(colours.result.thread_colors.every((colour) => /^#[0-9A-F]{6}$/i.test(colour)));
  const posts = (await box.journal()).filter((row) => row.method === "POST");
  assert.equal(posts.length, 2);
  return "adds and reads files and asks for thread colours, its JSON declared as text";
};
