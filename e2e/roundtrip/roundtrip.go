// Package roundtrip holds Regent's half of the wire against the AWS SDK for Go:
// what the SDK encodes, internal/wire decodes, and what internal/wire encodes,
// the SDK decodes, for every operation of IAM, STS and Organizations. It has
// only tests.
//
// It is the one package of e2e that imports internal packages of Regent's, the
// wire and the generated shapes, for it is about nothing else
// (docs/decisions/2026-11-29-round-trip.md).
package roundtrip
