"use strict";
// Loaded before a client: whatever it tries, nothing leaves this machine.
const net = require("node:net");

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  const given = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = given && typeof given === "object" ? given.host : args[1];
  if (given && !given.path && !LOOPBACK.has(host ?? "localhost")) {
    throw new Error(`a client called ${host}, which is not this machine`);
  }
  return connect.apply(this, args);
};
