"use strict";
// What every drive needs: where the sandbox is, what to send, and a hand on its clock.
const origin = process.env.PRINT_SANDBOX_URL;

async function told(path, options) {
  const answer = await fetch(`${origin}/_sandbox${path}`, {
    headers: { "content-type": "application/json" },
    ...options,
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

module.exports = {
  printful: `${origin}/printful`,
  token: "printful_sandbox",
  legacyKey: "sandbox0-file-libr:aryk-eysandbox000",
  front: `${origin}/_sandbox/assets/artwork-front.png`,
  label: `${origin}/_sandbox/assets/artwork-label.png`,
  advance: (seconds) => told("/clock", { method: "POST", body: JSON.stringify({ advance: seconds }) }),
  world: (rules) => told("/world", { method: "POST", body: JSON.stringify(rules) }),
  // The requests to the services that were answered so, oldest first.
  journal: async () => (await told("/journal")).requests,
};
