/** Passkeys: an authenticator for a page's browser, and a passkey made with it as a page of the console does. */
import type { CDPSession, Page } from "@playwright/test";
import { call } from "./browser";
import type { Server } from "./server";

/** Gives a page's browser an authenticator, as if a security key were plugged in and touched. */
export async function authenticator(page: Page): Promise<{ cdp: CDPSession; id: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "usb", hasResidentKey: false, hasUserVerification: false } as const;
  const { authenticatorId: id } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, automaticPresenceSimulation: true },
  });
  return { cdp, id };
}

/** Passkeys are bound to a host name: the same server by its name. */
export const byName = (server: Server) => server.site.replace("127.0.0.1", "localhost");

/** Makes a passkey as a page of the console does. */
export async function register(
  page: Page,
  session: string,
): Promise<{ status: number; answer: { serialNumber?: string } }> {
  const of = { session, userName: "" };
  const { answer: options } = await call<object>(page, "passkeys/options", of);
  const credential = await page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never);
    const made = await navigator.credentials.create({ publicKey });
    return (made as PublicKeyCredential).toJSON() as object;
  }, options);
  return call(page, "passkeys", { ...of, deviceName: "key", credential });
}
