// A SAML identity provider by another library than Regent's. It reads what to
// say on its standard input, as TestSAML writes it, and prints the responses, in
// base64 by their names.

import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import saml from 'saml'

const { Saml20 } = saml
const asked = JSON.parse(readFileSync(0, 'utf8'))
const sign = promisify(Saml20.create)
const leave = promisify(Saml20.createUnsignedAssertion)

const options = {
  key: asked.key,
  cert: asked.certificate,
  issuer: asked.issuer,
  lifetimeInSeconds: 300,
  audiences: 'urn:amazon:webservices',
  recipient: 'https://signin.aws.amazon.com/saml',
  nameIdentifier: 'alice@example.com',
  nameIdentifierFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  signatureAlgorithm: 'rsa-sha256',
  digestAlgorithm: 'sha256',
  attributes: asked.attributes,
}
const encrypted = { encryptionCert: asked.encryption, encryptionPublicKey: asked.encryptionKey }

function response(assertion) {
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_${crypto.randomUUID()}" Version="2.0" IssueInstant="${new Date().toISOString()}">` +
    `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${asked.issuer}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${assertion}</samlp:Response>`
}

// wrap puts an assertion of somebody else around one that is signed (XSW4).
function wrap(assertion) {
  const evil = assertion.replace(/<Signature.*<\/Signature>/s, '').replaceAll('alice@', 'mallory@').replace(/ ID="/, ' ID="evil')
  if (evil === assertion) throw new Error('nothing to wrap')
  return evil.replace('</saml:Assertion>', assertion + '</saml:Assertion>')
}

const seal = (assertion) => assertion.startsWith('<xenc:') ? `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${assertion}</saml:EncryptedAssertion>` : assertion
const cbc = { ...encrypted, encryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#aes256-cbc', disallowEncryptionWithInsecureAlgorithm: false }

const out = {
  first: await sign(options),
  second: await sign(options),
  third: await sign(options),
  wrapped: wrap(await sign(options)),
  unsigned: await leave(options),
  sha1: await sign({ ...options, signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' }),
  expired: await sign({ ...options, lifetimeInSeconds: -1 }),
  audience: await sign({ ...options, audiences: 'https://other.example.com' }),
  encrypted: seal(await sign({ ...options, ...encrypted })),
  cbc: seal(await sign({ ...options, ...cbc })),
}
for (const name of Object.keys(out)) out[name] = Buffer.from(response(out[name])).toString('base64')
process.stdout.write(JSON.stringify(out))
