package awserr_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/awserr"
)

func TestWithReturnsACopy(t *testing.T) {
	e := awserr.Newf(400, "InvalidArgument", "no %s", "way")
	a := e.With("ArgumentName", "x")
	b := a.With("ArgumentValue", "1")
	c := a.With("ArgumentValue", "2")
	if len(e.Fields) != 0 || len(a.Fields) != 1 || b.Field("ArgumentValue") != "1" || c.Field("ArgumentValue") != "2" {
		t.Errorf("%+v %+v %+v %+v", e, a, b, c)
	}
	if got := c.Error(); got != "InvalidArgument: no way" {
		t.Error(got)
	}
	if c.Field("Nothing") != "" {
		t.Error("a field that is not there has a value")
	}
	want := []awserr.Field{{Name: "ArgumentName", Value: "x"}, {Name: "ArgumentValue", Value: "2"}}
	if diff := cmp.Diff(want, c.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestAMessageWithoutArgumentsIsTakenAsItIs(t *testing.T) {
	text := "100% of %s"
	if e := awserr.Newf(400, "X", text); e.Message != text {
		t.Error(e.Message)
	}
	if e := awserr.Modeled(404, "NoSuchEntity", "NoSuchEntityException", "%d", 1); e.Message != "1" || e.Shape != "NoSuchEntityException" {
		t.Errorf("%+v", e)
	}
}
