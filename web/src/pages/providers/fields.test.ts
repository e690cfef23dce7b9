import { expect, test } from "vitest";
import { areThumbprints, certificateEnd, isIssuer, isSamlName, linesOf, thumbprintsIn } from "./fields";

const certificate =
  "MIIBcjCCARegAwIBAgIUL1RkhPhFvrrJA7ML82laAASumWgwCgYIKoZIzj0EAwIwDjEMMAoGA1UEAwwDaWRwMB4XDTI2MTEy" +
  "OTEwNDEyMFoXDTM2MTEyNjEwNDEyMFowDjEMMAoGA1UEAwwDaWRwMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHH8lOQOU" +
  "PDpjN6dosqsoYLPZVl/o3AN6Md3lz03vvp3fKmyWOn+H7Ci2yWDfMSKjpvg6Q5HUjU8hafOIJx2+16NTMFEwHQYDVR0OBBYE" +
  "FAMve1Bd0UCCXDpViukbPR8Zf/HrMB8GA1UdIwQYMBaAFAMve1Bd0UCCXDpViukbPR8Zf/HrMA8GA1UdEwEB/wQFMAMBAf8w" +
  "CgYIKoZIzj0EAwIDSQAwRgIhAJ1f/Iw95bYncVeWCo3wEchpt8SsCAqxacqjbTI5ZqziAiEAksOWAQV0sPnH/x0cBqulqLro" +
  "DzcH+LV9JTX+NsK2Wcs=";

// Rules: IA-59
test("a provider's address is https and nothing that two readers could read differently", () => {
  for (const url of ["https://token.actions.githubusercontent.com", "https://idp.example:8443/realms/a"])
    expect(isIssuer(url), url).toBe(true);
  for (const url of [
    "",
    "http://idp.example",
    "https://",
    "https://a?b",
    "https://a#b",
    "https://me@idp.example",
    "idp",
  ])
    expect(isIssuer(url), url).toBe(false);
});

test("thumbprints are taken as people copy them", () => {
  const print = "6938FD4D98BAB03FAADB97B34396831E3780AEA1";
  const colons = print.replaceAll(/(..)(?=.)/g, "$1:");
  expect(thumbprintsIn(`${print}\n${colons}\n`)).toEqual([print.toLowerCase()]);
  expect(areThumbprints([print.toLowerCase()])).toBe(true);
  expect(areThumbprints(["abc"])).toBe(false);
  expect(areThumbprints(Array.from({ length: 6 }, () => print.toLowerCase()))).toBe(false);
  expect(linesOf(" a \n\nb\na")).toEqual(["a", "b"]);
});

test("names of SAML providers", () => {
  for (const name of ["Company", "a.b_c-1", "x".repeat(128)]) expect(isSamlName(name), name).toBe(true);
  for (const name of ["", "a b", "a/b", "x".repeat(129)]) expect(isSamlName(name), name).toBe(false);
});

test("when a certificate ends is read from it, and from nothing else", () => {
  expect(certificateEnd(certificate)?.toISOString()).toBe("2036-11-26T10:41:20.000Z");
  expect(certificateEnd(certificate.slice(0, 120))).toBeUndefined();
  for (const other of ["", "!", "AAAA", "MIIB"]) expect(certificateEnd(other), other).toBeUndefined();
});
