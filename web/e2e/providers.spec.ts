/** Identity providers: added, changed, deleted. */
import type { Page } from "@playwright/test";
import { expect, expectNoAxeViolations, open, signIn, test, unique } from "./harness";

const main = (page: Page) => page.getByRole("main");
const dialog = (page: Page) => page.getByRole("dialog");

const certificate =
  "MIIBcjCCARegAwIBAgIUL1RkhPhFvrrJA7ML82laAASumWgwCgYIKoZIzj0EAwIwDjEMMAoGA1UEAwwDaWRwMB4XDTI2MTEy" +
  "OTEwNDEyMFoXDTM2MTEyNjEwNDEyMFowDjEMMAoGA1UEAwwDaWRwMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHH8lOQOU" +
  "PDpjN6dosqsoYLPZVl/o3AN6Md3lz03vvp3fKmyWOn+H7Ci2yWDfMSKjpvg6Q5HUjU8hafOIJx2+16NTMFEwHQYDVR0OBBYE" +
  "FAMve1Bd0UCCXDpViukbPR8Zf/HrMB8GA1UdIwQYMBaAFAMve1Bd0UCCXDpViukbPR8Zf/HrMA8GA1UdEwEB/wQFMAMBAf8w" +
  "CgYIKoZIzj0EAwIDSQAwRgIhAJ1f/Iw95bYncVeWCo3wEchpt8SsCAqxacqjbTI5ZqziAiEAksOWAQV0sPnH/x0cBqulqLro" +
  "DzcH+LV9JTX+NsK2Wcs=";

const metadataOf = (
  entity: string,
) => `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entity}"><IDPSSODescriptor
  protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo
  xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
  <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>
  </IDPSSODescriptor></EntityDescriptor>`;

// Rules: IA-59 TH-88
test("providers are added with what their tokens and assertions are checked by", async ({ page, world }) => {
  const admin = await world.dev.user({ administrator: true });
  const session = await signIn(page, admin);
  const host = `${unique("idp")}.example`;
  await open(page, session, "/iam/providers");
  await main(page).getByRole("button", { name: "Add OpenID Connect provider" }).first().click();
  await dialog(page).getByLabel("Provider URL").fill(`https://${host}/realm`);
  await expectNoAxeViolations(page, { modes: ["light"] });
  await dialog(page).getByRole("button", { name: "Add OpenID Connect provider" }).click();
  await expect(page.getByRole("heading", { name: `${host}/realm`, level: 1 })).toBeVisible();
  await main(page).getByLabel("Audience", { exact: true }).fill("my-client");
  await main(page).getByRole("button", { name: "Add audience" }).click();
  await expect(main(page).getByRole("list", { name: "Audiences" })).toContainText("my-client");
  await main(page).getByRole("button", { name: "Remove sts.amazonaws.com" }).click();
  await expect(dialog(page)).toContainText("let nobody in any more");
  await dialog(page).getByRole("textbox").fill("sts.amazonaws.com");
  await dialog(page).getByRole("button", { name: "Remove", exact: true }).click();
  await expect(main(page).getByRole("list", { name: "Audiences" })).not.toContainText("sts.amazonaws.com");
  await main(page).getByRole("button", { name: "Edit thumbprints" }).click();
  await dialog(page).getByRole("textbox").fill("00:11");
  await expect(dialog(page).getByRole("button", { name: /^Save/ })).toBeDisabled();
  await expectNoAxeViolations(page);
  await dialog(page).getByRole("textbox").fill("AB".repeat(20));
  await dialog(page).getByRole("button", { name: /^Save/ }).click();
  await expect(main(page).getByRole("list", { name: "Thumbprints" })).toContainText("ab".repeat(20));
  await expectNoAxeViolations(page);

  const name = unique("Company");
  await open(page, session, "/iam/providers");
  await main(page).getByRole("button", { name: "Add SAML provider" }).first().click();
  await dialog(page).getByLabel("Name", { exact: true }).fill(name);
  const choose = (text: string) =>
    dialog(page)
      .locator("input[type=file]")
      .setInputFiles({ name: "metadata.xml", mimeType: "application/xml", buffer: Buffer.from(text) });
  await choose("<html/>");
  await expect(dialog(page).getByText("This is no SAML metadata")).toBeVisible();
  await choose(metadataOf("https://idp.example/saml"));
  await expect(dialog(page).getByText("https://idp.example/saml", { exact: true })).toBeVisible();
  await dialog(page).getByRole("button", { name: "Add SAML provider" }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(main(page).getByText("https://idp.example/saml", { exact: true })).toBeVisible();
  await expectNoAxeViolations(page, { modes: ["light"] });
  await main(page).getByRole("button", { name: "Replace metadata" }).click();
  const hostile = `"><img src=/xss-probe onerror=alert(1)>`;
  await choose(metadataOf(hostile.replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")));
  await expect(dialog(page).getByText(hostile)).toBeVisible();
  await expectNoAxeViolations(page);
  await dialog(page).getByRole("button", { name: "Replace metadata" }).click();
  await expect(page.getByText("The metadata is replaced.").first()).toBeVisible();
  await expect(main(page).getByText(hostile, { exact: true })).toBeVisible();
  await main(page).getByRole("button", { name: "Delete", exact: true }).click();
  await dialog(page).getByRole("textbox").fill(name);
  await dialog(page).getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Identity providers", level: 1 })).toBeVisible();
  await expect(main(page).getByRole("link", { name, exact: true })).toHaveCount(0);
});

test("whoever may not list providers is told so of each kind", async ({ page, world }) => {
  const nobody = await world.dev.user();
  const session = await signIn(page, nobody);
  await open(page, session, "/iam/providers");
  await expect(main(page).getByText(/You may not iam:ListOpenIDConnectProviders/)).toBeVisible();
  await expect(main(page).getByText(/You may not iam:ListSAMLProviders/)).toBeVisible();
});
