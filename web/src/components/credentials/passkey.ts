/** Passkeys: the browser makes one by the server's options, which the server gives to its holder, and asks for it later. */
import type { Connection } from "@/aws/connection";
import { passkeyOptions, registerPasskey } from "@/aws/sessions";

/** Whether passkeys can be made here: "name" where the page came from an address, to which none can be bound. */
export function passkeysHere(): "yes" | "name" | "none" {
  if (/^[\d.]+$|^\[/.test(location.hostname)) return "name";
  return typeof PublicKeyCredential === "function" && "parseCreationOptionsFromJSON" in PublicKeyCredential
    ? "yes"
    : "none";
}

/** The browser made none: it was cancelled, or the authenticator has one of the holder's already. */
export class NoPasskeyError extends Error {
  constructor(readonly known: boolean) {
    super("no passkey was made");
    this.name = "NoPasskeyError";
  }
}

/**
 * Makes a passkey and gives it to a user, or to root where none is named. Where the server asks first who is there, all
 * of it is done again: a challenge serves once.
 */
export function makePasskey(connection: Connection, userName: string, deviceName: string): Promise<string> {
  const { session } = connection;
  return connection.guard(async () => {
    const options = await passkeyOptions(session, userName);
    let made: Credential | null;
    try {
      made = await navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
      });
    } catch (error) {
      throw new NoPasskeyError((error as Error).name === "InvalidStateError");
    }
    if (made === null) throw new NoPasskeyError(false);
    const credential = (made as PublicKeyCredential).toJSON();
    return (await registerPasskey(session, userName, deviceName, credential)).serialNumber;
  });
}

/** Asks for one of the passkeys that the options name, and returns its answer. */
export async function askPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  try {
    const got = await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    });
    return (got as PublicKeyCredential).toJSON();
  } catch {
    throw new NoPasskeyError(false);
  }
}
