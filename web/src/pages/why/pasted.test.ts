import { expect, test } from "vitest";
import { readPasted } from "./pasted";

const id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

test.each([
  [id, { requestId: id }],
  [` ${id.toUpperCase()}\n`, { requestId: id }],
  [`An error occurred (AccessDenied) … (Service: Iam, Status Code: 403, Request ID: ${id})`, { requestId: id }],
  ["4442587FB7D0A2F9", { requestId: "4442587FB7D0A2F9" }],
  ["<RequestId>4442587FB7D0A2F9</RequestId>", { requestId: "4442587FB7D0A2F9" }],
  [`Encoded authorization failure message: ${"aB3_-".repeat(30)}`, { encoded: "aB3_-".repeat(30) }],
  [`Request ${id}.\nregent why --message ${"aB3_-".repeat(30)}`, { encoded: "aB3_-".repeat(30) }],
  [`Request ID: ${id}, HostId ${"aB3_-".repeat(30)}`, { requestId: id }],
  ["", undefined],
  ["AccessDenied", undefined],
])("finds what to ask about in %j", (text, want) => expect(readPasted(text)).toEqual(want));
