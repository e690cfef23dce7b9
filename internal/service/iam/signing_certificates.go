package iam

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func signingCertificateOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("DeleteSigningCertificate", deleteSigningCertificateNeeds, deleteSigningCertificate),
		dispatch.Read("ListSigningCertificates", listSigningCertificatesNeeds, listSigningCertificates),
		dispatch.Write("UpdateSigningCertificate", updateSigningCertificateNeeds, updateSigningCertificate),
		dispatch.Write("UploadSigningCertificate", uploadSigningCertificateNeeds, uploadSigningCertificate),
	}
}

// parseCertificates reads certificates in PEM, at most limit and nothing else.
func parseCertificates(text string, limit int) ([]*x509.Certificate, error) {
	malformed := api.MalformedCertificate("Unable to parse certificate. Please ensure the certificate is in PEM format.")
	rest := []byte(strings.TrimSpace(text))
	var out []*x509.Certificate
	for len(rest) > 0 {
		if len(out) == limit || !strings.HasPrefix(string(rest[:min(len(rest), 11)]), "-----BEGIN ") {
			return nil, malformed
		}
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, malformed
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, malformed
		}
		out = append(out, c)
		rest = []byte(strings.TrimSpace(string(rest)))
	}
	if len(out) == 0 {
		return nil, malformed
	}
	return out, nil
}

// checkSigning fails unless a certificate can be signed with now.
func checkSigning(call *dispatch.Call, c *x509.Certificate) error {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < minSigningBits {
			return api.InvalidCertificate("The key of the certificate is too short.")
		}
	case *ecdsa.PublicKey:
	default:
		return api.InvalidCertificate("The key of the certificate is of an algorithm that is not supported.")
	}
	if call.Now.Before(c.NotBefore) || call.Now.After(c.NotAfter) {
		return api.InvalidCertificate("The certificate is not valid at this time.")
	}
	return nil
}

const minSigningBits = 1024

// settable returns a status that a call may set: only AWS makes things expire.
func settable(status string) (identity.KeyStatus, error) {
	s := identity.KeyStatus(status)
	if s != identity.KeyActive && s != identity.KeyInactive {
		return "", validationError("1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set")
	}
	return s, nil
}

// accountOf is the account that has the holder.
func (h *holder) accountID() identity.AccountID {
	if h.user == nil {
		return h.account.ID
	}
	return h.user.Account
}

// signingCertificate returns the holder's certificate, or IAM's error that
// there is none.
func (h *holder) signingCertificate(tx *store.Tx, id string) (*identity.SigningCertificate, error) {
	c, err := tx.SigningCertificate(h.accountID(), h.id(), id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("The Certificate with id %s cannot be found.", id)
	}
	return c, err
}

func apiSigning(h *holder, c *identity.SigningCertificate) api.SigningCertificate {
	return api.SigningCertificate{
		UserName: h.name(), CertificateId: c.ID, CertificateBody: c.Body, Status: string(c.Status), UploadDate: c.Uploaded,
	}
}

func uploadSigningCertificateNeeds(call dispatch.Call, in *api.UploadSigningCertificateInput) ([]authz.Need, error) {
	return holderNeeds(&call, "iam:UploadSigningCertificate", in.UserName)
}

func uploadSigningCertificate(_ context.Context, call dispatch.Call, in *api.UploadSigningCertificateInput) (*api.UploadSigningCertificateOutput, error) {
	h, err := holderOf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	parsed, err := parseCertificates(in.CertificateBody, 1)
	if err != nil {
		return nil, err
	}
	if err := checkSigning(&call, parsed[0]); err != nil {
		return nil, err
	}
	there, _, err := call.Tx.SigningCertificates(h.accountID(), h.id(), store.Page[identity.SigningCertificate]{})
	if err != nil {
		return nil, err
	}
	if err := checkQuota(&call, catalog.SigningCertificatesPerUser, len(there)+1); err != nil {
		return nil, err
	}
	id := make([]byte, 20)
	if _, err := io.ReadFull(call.Random, id); err != nil {
		return nil, fmt.Errorf("making an id: %w", err)
	}
	digest := sha256.Sum256(parsed[0].Raw)
	c := &identity.SigningCertificate{
		ID: base32.StdEncoding.EncodeToString(id), Account: h.accountID(), UserID: h.id(), Status: identity.KeyActive,
		Uploaded: call.Now, Body: in.CertificateBody, Digest: hex.EncodeToString(digest[:]),
	}
	switch err := call.Tx.CreateSigningCertificate(c); {
	case errors.Is(err, store.ErrExists):
		return nil, api.DuplicateCertificate("The certificate is already associated with a user of the account.")
	case err != nil:
		return nil, err
	}
	return &api.UploadSigningCertificateOutput{Certificate: new(apiSigning(h, c))}, nil
}

func listSigningCertificatesNeeds(call dispatch.Call, in *api.ListSigningCertificatesInput) ([]authz.Need, error) {
	return holderNeeds(&call, "iam:ListSigningCertificates", in.UserName)
}

func listSigningCertificates(_ context.Context, call dispatch.Call, in *api.ListSigningCertificatesInput) (*api.ListSigningCertificatesOutput, error) {
	h, err := holderOf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	list, next, err := call.Tx.SigningCertificates(h.accountID(), h.id(), store.Page[identity.SigningCertificate]{After: w.after, Limit: w.limit})
	if err != nil {
		return nil, err
	}
	out := &api.ListSigningCertificatesOutput{Certificates: make([]api.SigningCertificate, len(list))}
	for i, c := range list {
		out.Certificates[i] = apiSigning(h, c)
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func updateSigningCertificateNeeds(call dispatch.Call, in *api.UpdateSigningCertificateInput) ([]authz.Need, error) {
	return holderNeeds(&call, "iam:UpdateSigningCertificate", in.UserName)
}

func updateSigningCertificate(_ context.Context, call dispatch.Call, in *api.UpdateSigningCertificateInput) (*wire.Empty, error) {
	status, err := settable(in.Status)
	if err != nil {
		return nil, err
	}
	h, err := holderOf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	c, err := h.signingCertificate(call.Tx, in.CertificateId)
	if err != nil {
		return nil, err
	}
	c.Status = status
	return &wire.Empty{}, call.Tx.PutSigningCertificate(c)
}

func deleteSigningCertificateNeeds(call dispatch.Call, in *api.DeleteSigningCertificateInput) ([]authz.Need, error) {
	return holderNeeds(&call, "iam:DeleteSigningCertificate", in.UserName)
}

func deleteSigningCertificate(_ context.Context, call dispatch.Call, in *api.DeleteSigningCertificateInput) (*wire.Empty, error) {
	h, err := holderOf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	c, err := h.signingCertificate(call.Tx, in.CertificateId)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteSigningCertificate(c)
}
