// Writes sigv4/testdata/smithy.json: requests signed by @smithy/signature-v4.
//
// In a scratch directory: npm install @smithy/signature-v4 @smithy/protocol-http @aws-crypto/sha256-js,
// copy this file there, and run: node smithy_vectors.mjs > smithy.json
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { HttpRequest } from "@smithy/protocol-http";
import { Sha256 } from "@aws-crypto/sha256-js";

const version = JSON.parse(readFileSync(new URL("./node_modules/@smithy/signature-v4/package.json", import.meta.url))).version;
const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const sessionToken = "FwoGZXIvYXdzEBYaD/with+plus=and/slash==";
const now = new Date("2026-03-04T05:06:07Z");
const vectors = [];

const escape = (s) => encodeURIComponent(s).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

function add(name, service, r, body, token) {
  const query = Object.entries(r.query ?? {}).flatMap(([k, v]) =>
    [v].flat().map((x) => (x === null ? escape(k) : escape(k) + "=" + escape(x)))).join("&");
  const headers = {};
  for (const [k, v] of Object.entries(r.headers)) if (k !== "host") headers[k] = [v];
  vectors.push({
    name, source: "@smithy/signature-v4 " + version, service, region: "us-east-1", method: r.method,
    target: r.path + (query ? "?" + query : ""), host: r.headers.host, headers, accessKey: accessKeyId, secret: secretAccessKey,
    now: "2026-03-04T05:06:07Z", body: Buffer.from(body).toString("base64"),
    payloadSHA256: createHash("sha256").update(body).digest("hex"), token: token ?? "",
  });
}

const paths = ["/", "/b/k", "/b/a%20b", "/b//x", "/b/./s/x", "/b/q/../s/x", "/b/~t", "/b/a%2Bb", "/b/a%3Db", "/b/%C3%BC%E4%B8%AD", "/b/a%2Fb", "/b/n/"];
const queries = [{}, { b: "2", a: "1" }, { a: ["2", "1", ""] }, { prefix: "a b/+~=\u00fc", "list-type": "2" }, { A: "1", a: "2" }, { tagging: "" }];
for (const service of ["s3", "athena"]) {
  for (const token of [undefined, sessionToken]) {
    const signer = new SignatureV4({
      service, region: "us-east-1", sha256: Sha256, uriEscapePath: service !== "s3", applyChecksum: true,
      credentials: { accessKeyId, secretAccessKey, sessionToken: token },
    });
    for (const path of paths) {
      for (const query of path === "/b/k" ? queries : [{}]) {
        const make = (method, body) => new HttpRequest({
          method, protocol: "http:", hostname: "127.0.0.1", port: 9000, path, query, body,
          headers: { host: "127.0.0.1:9000", "x-amz-meta-one": "  two   words ", "content-type": "text/plain" },
        });
        const tag = `${service} ${path} ${JSON.stringify(query)} session=${token !== undefined}`;
        add(tag, service, await signer.sign(make("PUT", "hello"), { signingDate: now }), "hello", token);
        const get = make("GET", undefined);
        delete get.headers["content-type"];
        if (service === "s3") get.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        add("presign " + tag, service, await signer.presign(get, { signingDate: now, expiresIn: 600 }), "", token);
      }
    }
  }
}
process.stdout.write(JSON.stringify(vectors, null, 1) + "\n");
