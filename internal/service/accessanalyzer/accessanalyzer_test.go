package accessanalyzer_test

import (
	"testing"

	api "github.com/regent-iam/regent/internal/api/accessanalyzer"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/service/accessanalyzer"
	"github.com/regent-iam/regent/internal/service/servicetest"
)

func TestScenarios(t *testing.T) {
	servicetest.Run(t, "testdata/*.txtar", func(t testing.TB) *servicetest.Harness {
		return servicetest.New(t, dispatch.Service{API: &api.Service, Operations: accessanalyzer.Operations()})
	})
}
