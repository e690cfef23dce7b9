package arn

import (
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Prefixes of unique ids, one for each kind of thing (IA-2).
const (
	UserID            = "AIDA"
	RoleID            = "AROA"
	GroupID           = "AGPA"
	ManagedPolicyID   = "ANPA"
	InstanceProfileID = "AIPA"
	ServerCertID      = "ASCA"
	PolicyVersionID   = "ANVA"
	PublicKeyID       = "APKA"
	ServiceCredential = "ACCA"
	AccessKeyID       = "AKIA"
	TemporaryKeyID    = "ASIA"
)

// ErrID is returned for an id that cannot be minted: a prefix that is not four
// capital letters, or an account that is not twelve digits.
var ErrID = errors.New("arn: not a prefix and an account that an id can carry")

const (
	idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	idBias     = 1 << 39 // tells ids with an account from older ones without
	prefixLen  = 4
	accountLen = 8
	maxAccount = 999_999_999_999
)

// NewID mints a unique id of the kind that prefix says, with account embedded
// and the rest read from random: 20 characters for AKIA and ASIA, 21 for all
// others (ST-13, IA-2). It fails with [ErrID], or when random does.
func NewID(prefix, account string, random io.Reader) (string, error) {
	if !validPrefix(prefix) || !ValidAccount(account) {
		return "", fmt.Errorf("%w: %q, %q", ErrID, prefix, account)
	}
	number, err := strconv.ParseUint(account, 10, 64)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrID, err)
	}
	tail := 8
	if prefix != AccessKeyID && prefix != TemporaryKeyID {
		tail = 9
	}
	noise := make([]byte, tail)
	if _, err := io.ReadFull(random, noise); err != nil {
		return "", fmt.Errorf("arn: reading randomness for an id: %w", err)
	}

	var carried [8]byte // the account takes the last five
	binary.BigEndian.PutUint64(carried[:], number/2+idBias)
	id := append(make([]byte, 0, prefixLen+accountLen+tail), prefix...)
	id = base32.StdEncoding.AppendEncode(id, carried[3:])
	low := noise[0] & 15
	if number%2 == 1 {
		low |= 16
	}
	id = append(id, idAlphabet[low])
	for _, b := range noise[1:] {
		id = append(id, idAlphabet[b&31])
	}
	return string(id), nil
}

// AccountOf returns the account that an id carries (ST-13). It is not ok when
// the id has no known length, holds other characters, or carries none.
func AccountOf(id string) (account string, ok bool) {
	if len(id) != 20 && len(id) != 21 || !validPrefix(id[:prefixLen]) {
		return "", false
	}
	var low byte
	for i := prefixLen; i < len(id); i++ {
		digit, ok := idDigit(id[i])
		if !ok {
			return "", false
		}
		if i == prefixLen+accountLen {
			low = digit >> 4
		}
	}
	raw, err := base32.StdEncoding.DecodeString(id[prefixLen : prefixLen+accountLen])
	if err != nil {
		return "", false
	}
	var carried uint64
	for _, b := range raw {
		carried = carried<<8 | uint64(b)
	}
	if carried < idBias {
		return "", false
	}
	number := (carried-idBias)*2 + uint64(low)
	if number > maxAccount {
		return "", false
	}
	return fmt.Sprintf("%012d", number), true
}

func validPrefix(prefix string) bool {
	if len(prefix) != prefixLen || prefix[0] != 'A' {
		return false
	}
	for i := range len(prefix) {
		if prefix[i] < 'A' || prefix[i] > 'Z' {
			return false
		}
	}
	return true
}

func idDigit(c byte) (byte, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case '2' <= c && c <= '7':
		return c - '2' + 26, true
	}
	return 0, false
}
