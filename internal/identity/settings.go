package identity

// AccountSettings are an account's switches that no decision of the hot path
// depends on; they have a record of their own, beside the account's.
type AccountSettings struct {
	// TokenVersion is what the global STS endpoint's tokens are said to be,
	// "v1Token" or "v2Token"; "" until somebody says.
	TokenVersion string `json:"tokenVersion,omitempty"`
	// IssuerID is the part of the account's issuer of outbound tokens that is
	// its own. It is drawn once and stays: relying parties trust the issuer.
	IssuerID string `json:"issuerId,omitempty"`
	// Outbound says that such tokens may be issued.
	Outbound bool `json:"outbound,omitempty"`
}
