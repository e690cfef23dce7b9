import { IntlMessageFormat } from "intl-messageformat";
import { expect, test } from "vitest";
import { renderToStaticMarkup } from "react-dom/server";
import { catalogue, textsOf, type Catalogue, type Messages } from ".";

const english = { locale: "en", translations: {} };
const sample = catalogue("sample", {
  plain: "Users",
  named: "Delete {name}?",
  counted: "{count, plural, one {# user} other {# users}}",
  linked: "Ask <b>{name}</b> for it.",
});

test("texts are formatted, with plurals", () => {
  const m = textsOf(sample, english);
  expect(m("plain")).toBe("Users");
  expect(m("named", { name: "alice" })).toBe("Delete alice?");
  expect(m("counted", { count: 1 })).toBe("1 user");
  expect(m("counted", { count: 1200 })).toBe("1,200 users");
});

test("arguments are checked by the compiler", () => {
  const m = textsOf(sample, english);
  // @ts-expect-error an argument is missing
  expect(() => m("named")).toThrow();
  // @ts-expect-error an argument has another name
  expect(() => m("named", { nam: "x" })).toThrow();
  // @ts-expect-error there is no such text
  expect(m("nothing")).toBe("nothing");
});

// Rules: TH-88
test("names are text and never markup", () => {
  const m = textsOf(sample, english);
  const node = m.rich("linked", { name: "<img src=x onerror=alert(1)>", b: (chunks) => <strong>{chunks}</strong> });
  expect(renderToStaticMarkup(<p>{node}</p>)).toBe(
    "<p>Ask <strong>&lt;img src=x onerror=alert(1)&gt;</strong> for it.</p>",
  );
});

test("what is not translated is shown in English", () => {
  const m = textsOf(sample, { locale: "de", translations: { sample: { plain: "Benutzer" } } });
  expect(m("plain")).toBe("Benutzer");
  expect(m("named", { name: "alice" })).toBe("Delete alice?");
});

const catalogues = import.meta.glob<{ default: Catalogue<Messages> }>("./en/*.ts", { eager: true });

test.each(Object.entries(catalogues))("%s can be formatted, and has its file's name", (file, { default: of }) => {
  expect(file).toBe(`./en/${of.area}.ts`);
  for (const [key, text] of Object.entries(of.messages)) {
    expect(() => new IntlMessageFormat(text, "en"), key).not.toThrow();
  }
});
