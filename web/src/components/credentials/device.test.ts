import { expect, test } from "vitest";
import { codeOf, deviceKind, deviceName, freeName, isCode, isDeviceName } from "./device";

const totp = "arn:aws:iam::111122223333:mfa/ops/alice";
const passkey = "arn:aws:iam::111122223333:u2f/user/alice/my-key-ABCDEFGHIJKLMNOPQRSTUVWX23";

test("a device is known by its serial number", () => {
  expect([totp, passkey, "GAHT12345678"].map(deviceKind)).toEqual(["totp", "passkey", "hardware"]);
  expect([totp, passkey, "GAHT12345678"].map(deviceName)).toEqual(["alice", "my-key", "GAHT12345678"]);
});

test("a name that is taken gets a number, in whatever case", () => {
  expect(freeName("alice", [])).toBe("alice");
  expect(freeName("alice", ["Alice", "alice-2"])).toBe("alice-3");
});

test("a code has six digits, wherever the app puts a space", () => {
  expect(isCode("123 456")).toBe(true);
  expect(codeOf(" 123 456")).toBe("123456");
  for (const wrong of ["", "12345", "1234567", "12345a"]) expect(isCode(wrong), wrong).toBe(false);
});

test("names of devices are as the server takes them", () => {
  for (const name of ["alice", "a+b=c,d.e@f-g_h", "x".repeat(64)]) expect(isDeviceName(name), name).toBe(true);
  for (const name of ["", "my phone", "ü", "x".repeat(65), "a/b"]) expect(isDeviceName(name), name).toBe(false);
});
