package seal

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// The vectors of the C2SP specification of XAES-256-GCM: one for each value of the bit that doubling carries.
//
// Rules: TH-45
func TestXAESAgreesWithItsSpecification(t *testing.T) {
	for _, test := range []struct {
		name       string
		key        byte
		additional string
		want       string
	}{
		{name: "carry clear", key: 0x01, want: "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{
			name: "carry set", key: 0x03, additional: "c2sp.org/XAES-256-GCM",
			want: "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, err := newXAES(bytes.Repeat([]byte{test.key}, 32))
			if err != nil {
				t.Fatal(err)
			}
			nonce, plaintext := []byte("ABCDEFGHIJKLMNOPQRSTUVWX"), []byte("XAES-256-GCM")
			got, err := x.seal(nil, nonce, plaintext, []byte(test.additional))
			if err != nil {
				t.Fatal(err)
			}
			if hex.EncodeToString(got) != test.want {
				t.Errorf("seal = %x, want %s", got, test.want)
			}
			back, err := x.open(nonce, got, []byte(test.additional))
			if err != nil || !bytes.Equal(back, plaintext) {
				t.Errorf("open = %q, %v", back, err)
			}
		})
	}
}

// Every box of a purpose has a name of its own, and there is none without one: the name is what the key is bound to.
//
// Rules: TH-44
func TestEveryPurposeHasItsOwnName(t *testing.T) {
	seen := map[string]Purpose{}
	for p := Purpose(1); p < purposes; p++ {
		if other, ok := seen[p.String()]; ok || p.String() == purposes.String() {
			t.Errorf("purpose %d is called %q, as %d is", p, p, other)
		}
		seen[p.String()] = p
	}
}
