package iam_test

import (
	"testing"

	api "github.com/regent-iam/regent/internal/api/iam"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
)

// harness serves IAM, and STS beside it: many a rule of IAM shows in who may
// assume a role only.
func harness(t testing.TB) *servicetest.Harness {
	return servicetest.New(t,
		dispatch.Service{API: &api.Service, Operations: iam.New(iam.Config{PublicURL: "https://id.example", Passwords: cheap()}).Operations()},
		dispatch.Service{API: &stsapi.Service, Operations: sts.Operations()},
	)
}

// cheap hashes passwords at a cost that suits tests.
func cheap() *password.Hasher {
	return password.New(password.Options{Cost: password.Cost{Memory: 64, Passes: 1, Lanes: 1}})
}

// The scenarios name the rules that they show.
func TestScenarios(t *testing.T) { servicetest.Run(t, "testdata/*.txtar", harness) }
