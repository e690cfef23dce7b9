// A provider of OpenID Connect, by the library oidc-provider: its discovery, keys,
// authorization, sign-in and token endpoints. It is run by TestRealProvider, with
// the files of a certificate and its key as arguments, and prints its issuer once it
// serves. It ends when its standard input does; until then each line of it says what
// becomes of the keys, and is answered by the ids of those that it publishes.
//
//   add     a new key, that all tokens are signed with from now on
//   retire  all keys but the newest are gone

import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createInterface } from "node:readline";

import { Provider } from "oidc-provider";

const [cert, key] = process.argv.slice(2).map((name) => readFileSync(name));

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg: "RS256", use: "sig" };
}

let keys = [newKey()]; // the newest in front: the library signs with the first that fits
let serve;

const server = createServer({ cert, key }, (request, response) => serve(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `https://127.0.0.1:${server.address().port}`;
  const cookies = { keys: [randomBytes(32).toString("base64url")] };
  const publish = () => {
    serve = new Provider(issuer, {
      jwks: { keys },
      cookies,
      clients: [{ client_id: "laptops", client_secret: "of-the-laptops", redirect_uris: ["https://laptop.example/signed-in"] }],
      findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
      ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 }, // seconds
    }).callback();
  };
  publish();
  console.log(issuer);
  const commands = createInterface({ input: process.stdin });
  commands.on("line", (line) => {
    keys = line === "add" ? [newKey(), ...keys] : keys.slice(0, 1);
    publish();
    console.log(keys.map(({ kid }) => kid).join(" "));
  });
  commands.on("close", () => process.exit(0));
});
