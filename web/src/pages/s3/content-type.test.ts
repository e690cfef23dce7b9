import { expect, test } from "vitest";
import { previewOf, typeOf } from "./content-type";

// Threats: TH-84
test.each([
  "text/html",
  "text/html; charset=utf-8",
  "TEXT/HTML",
  "image/svg+xml",
  "application/xhtml+xml",
  "text/xml",
  "application/pdf",
  "text/javascript",
  "",
  undefined,
])("%s is not shown inside the console", (type) => {
  expect(previewOf(type)).toBeUndefined();
});

test("images that hold no script, and texts, are shown", () => {
  expect(previewOf("image/png")).toBe("image");
  expect(previewOf("Text/Plain; charset=utf-8")).toBe("text");
  expect(previewOf("application/json")).toBe("text");
});

test("a file has the type that the browser says, else that of its name", () => {
  expect(typeOf("a/x.html", "text/html")).toBe("text/html");
  expect(typeOf("a/x.YAML", "")).toBe("application/yaml");
  expect(typeOf("a.txt/x", "")).toBe("application/octet-stream");
});
