package sts

// ClaimKeys is a seam for tests.
var ClaimKeys = claimKeys
