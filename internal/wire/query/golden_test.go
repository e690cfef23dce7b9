package query_test

import (
	"errors"
	"flag"
	"testing"

	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire/query"
	"github.com/regent-iam/regent/internal/wire/wiretest"
)

var update = flag.Bool("update", false, "rewrite the golden archives")

// TestGolden decodes forms: an input is shown as JSON, a failure as its answer.
// A request without a Version tells what is answered to it.
func TestGolden(t *testing.T) {
	wiretest.Golden(t, *update, func(t *testing.T, request string) string {
		params := pairs(t, request)
		version := ""
		for _, p := range params {
			if p.Name == "Version" {
				version = p.Value
			}
		}
		svc := services()[0]
		if version == services()[1].APIVersion {
			svc = services()[1]
		}
		op, err := query.Operation(svc, params)
		if err == nil {
			in := op.NewInput()
			if err = query.Decode(svc, op, params, in); err == nil {
				return op.Name + "\n" + wiretest.ShowInput(in)
			}
		}
		var failure *awserr.Error
		if !errors.As(err, &failure) {
			t.Fatal(err)
		}
		return wiretest.Show(query.EncodeError(svc, failure, "00000000-0000-0000-0000-000000000000"))
	})
}
