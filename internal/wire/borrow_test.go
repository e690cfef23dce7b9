package wire_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/wire"
)

// TestNothingIsLeftInABorrowedEncoder writes documents one after the other and at
// the same time: what one had is in no other, and what was taken does not change.
//
// Rules: TH-102
func TestNothingIsLeftInABorrowedEncoder(t *testing.T) {
	t.Parallel()
	write := func(secret string) []byte {
		x := wire.BorrowXML(wire.LayoutISO8601, false)
		x.Start("Answer", "")
		x.Element("Secret", secret)
		x.End("Answer")
		return x.Take()
	}
	op := stsapi.Service.Operation("GetCallerIdentity")
	recorder := wire.Recorder{Service: &stsapi.Service}
	var wg sync.WaitGroup
	for _, secret := range []string{"s", strings.Repeat("long", 100), strings.Repeat("longer", 20_000)} {
		wg.Go(func() {
			for range 50 {
				first := write(secret)
				kept := bytes.Clone(first)
				recorded := recorder.Output(op, &stsapi.GetCallerIdentityOutput{Account: secret})
				write("another")
				recorder.Output(op, &stsapi.GetCallerIdentityOutput{Account: "another"})
				if want := "<Answer><Secret>" + secret + "</Secret></Answer>"; string(first) != want || !bytes.Equal(first, kept) {
					t.Errorf("wrote %.40q, want %.40q", first, want)
				}
				if want := `{"account":"` + secret + `"}`; string(recorded) != want {
					t.Errorf("recorded %.40q, want %.40q", recorded, want)
				}
				if got := recorder.Output(op, &stsapi.GetCallerIdentityOutput{}); string(got) != "null" {
					t.Errorf("recorded %q for nothing", got)
				}
			}
		})
	}
	wg.Wait()
}
