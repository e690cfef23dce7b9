package signin

import (
	"crypto/tls"
	"encoding/json"
	"strings"

	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
)

// Names and texts of the record that are AWS's (RE-46).
const (
	consoleLogin   = "ConsoleLogin"
	checkMFA       = "CheckMfa"
	failedLogin    = "Failed authentication"
	unknownName    = "No username found in supplied account"
	hiddenName     = "HIDDEN_DUE_TO_SECURITY_REASONS"
	globalRegion   = "us-east-1"
	succeeded      = "Success"
	failed         = "Failure"
	signInSource   = "signin.amazonaws.com"
	virtualDevices = "Virtual MFA"
	securityKeys   = "U2F MFA"
)

// who says in the record who signs in.
func (p *person) who() record.UserIdentity {
	switch {
	case p.given != nil:
		return p.given.identity
	case p.user == nil:
		return record.UserIdentity{
			Type: record.TypeRoot, PrincipalID: string(p.account.ID), ARN: p.arn(), AccountID: p.account.ID, UserName: p.account.Alias,
		}
	}
	return record.UserIdentity{
		Type: record.TypeIAMUser, PrincipalID: p.user.ID, ARN: p.arn(), AccountID: p.account.ID, UserName: string(p.user.Name),
	}
}

// event returns an event of a visit (RE-46).
func (h *Handler) event(v *visit, name, result string, who record.UserIdentity, more map[string]any) *record.Event {
	e := &record.Event{
		ID: dispatch.UUID(), RequestID: v.id, Identity: who, Time: v.now, Source: signInSource, Name: name, Type: record.ConsoleSignIn, Region: h.Region,
		UserAgent: v.agent, Management: true, RecipientAccountID: who.AccountID,
		ResponseElements: object(map[string]any{name: result}), AdditionalEventData: object(more),
	}
	if who.Type == record.TypeRoot {
		e.Region = globalRegion
	}
	if v.address.IsValid() {
		e.SourceIP = v.address.String()
	}
	if state := v.request.TLS; state != nil {
		e.TLS = &record.TLSDetails{
			Version:     strings.ReplaceAll(tls.VersionName(state.Version), "TLS 1.", "TLSv1."),
			CipherSuite: tls.CipherSuiteName(state.CipherSuite), Host: v.request.Host,
		}
	}
	return e
}

func object(members map[string]any) []byte {
	raw, err := json.Marshal(members)
	if err != nil {
		return []byte("{}") // strings always are JSON
	}
	return raw
}

// keep hands over an event that belongs to no change.
func (h *Handler) keep(e *record.Event) { h.Recorder.Record(e) }

// loginData is what AWS says beside a ConsoleLogin.
func loginData(to, serial string) map[string]any {
	data := map[string]any{"LoginTo": to, "MobileVersion": "No", "MFAUsed": "No"}
	if serial != "" {
		data["MFAUsed"], data["MFAIdentifier"] = "Yes", serial
	}
	return data
}

// recordFailure records a sign-in that failed for a person.
func (h *Handler) recordFailure(v *visit, p *person, to string) {
	who := p.who()
	who.ARN = ""
	e := h.event(v, consoleLogin, failed, who, loginData(to, ""))
	e.ErrorMessage = failedLogin
	h.keep(e)
}

// recordStranger records a sign-in under a name that nobody in the account has.
// The name is not kept: it may be a password that was typed in the wrong place.
func (h *Handler) recordStranger(v *visit, account identity.AccountID, to string) {
	who := record.UserIdentity{Type: record.TypeIAMUser, AccountID: account, UserName: hiddenName}
	e := h.event(v, consoleLogin, failed, who, loginData(to, ""))
	e.ErrorMessage = unknownName
	h.keep(e)
}
