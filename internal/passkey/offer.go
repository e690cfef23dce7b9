package passkey

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
)

// OfferHeader is where a call of EnableMFADevice has the passkey that it gives
// to its holder. No client of the API has one: AWS has no parameter for it, and
// only the server that saw the passkey being made can seal it.
const OfferHeader = "X-Regent-Passkey"

// offerFor is how long an offer is good: it goes from one part of the server to
// another.
const offerFor = time.Minute

const offerContext = "passkey"

type offer struct {
	Device identity.MFADevice `json:"device"`
	Until  time.Time          `json:"until"`
}

// Offer seals a device that was just made, for the one call that gives it to
// the holder it names.
func Offer(ring *seal.Ring, d *identity.MFADevice, now time.Time) (string, error) {
	plain, err := json.Marshal(offer{*d, now.Add(offerFor)})
	if err != nil {
		return "", fmt.Errorf("passkey: %w", err)
	}
	return ring.SealString(seal.SignIn, offerContext, plain)
}

// Offered returns the device that an offer is of. Its error is ErrRefused when
// this server made none of it, or when it is too old.
func Offered(ring *seal.Ring, text string, now time.Time) (*identity.MFADevice, error) {
	plain, err := ring.OpenString(seal.SignIn, offerContext, text)
	if err != nil {
		return nil, ErrRefused
	}
	var o offer
	if err := json.Unmarshal(plain, &o); err != nil || o.Device.Passkey == nil || !now.Before(o.Until) {
		return nil, ErrRefused
	}
	return &o.Device, nil
}
