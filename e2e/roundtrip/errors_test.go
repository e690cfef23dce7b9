package roundtrip

import (
	"errors"
	"net/http"
	"reflect"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/awsjson"
	"github.com/regent-iam/regent/internal/wire/query"
	"github.com/regent-iam/regent/internal/wire/wiretest"
)

// message has in it what XML, JSON and a format could get wrong.
const message = "100% of <\"them\"> & 'more'\n\té ☃ \U0001F600 %s %41 \\"

func encodeError(svc *wire.Service, e *awserr.Error) wire.Answer {
	if svc.Protocol == wire.AWSJSON {
		return awsjson.EncodeError(svc, e, requestID)
	}
	return query.EncodeError(svc, e, requestID)
}

// fails calls an operation that answers with an error and returns what the SDK
// makes of it.
func fails(t *testing.T, s service, op *wire.Operation, m *method, e *awserr.Error) error {
	t.Helper()
	required := op.NewInput()
	required.Decode(wiretest.NewFiller(0, true))
	in, c := m.input(), converter{inputs: true, seen: exactly}
	if err := c.convert(in.Elem(), required, op.In); err != nil {
		t.Fatal(err)
	}
	m.wire = func(*http.Request) (wire.Answer, error) { return encodeError(s.api, e), nil }
	_, err := m.call(t.Context(), in)
	if err == nil {
		t.Fatalf("%s is a success to the SDK", e.Code)
	}
	return err
}

// Every error of an operation becomes the SDK's type of that name, with its
// code, message, fault and whatever else it has: a Reason in Organizations.
//
// Rules: WI-45 WI-46 OR-25
func TestEveryErrorIsTheSDKsTypedError(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, s service, op *wire.Operation, m *method) {
		for _, shape := range op.Errors {
			err := fails(t, s, op, m, shape.Newf(message))
			typed := typedError(err, shape.Name)
			if typed == nil {
				t.Errorf("%s is a %T to the SDK", shape.Name, err)
				continue
			}
			for _, more := range fieldsOf(t, typed) {
				e := shape.Newf(message)
				if more.Name != "" {
					e = e.With(more.Name, more.Value)
				}
				checkError(t, typedError(fails(t, s, op, m, e), shape.Name), shape, more)
			}
		}
	})
}

// Errors that no model has keep their code and message too.
//
// Rules: WI-45 WI-46
func TestErrorsOfNoModelKeepTheirCode(t *testing.T) {
	t.Parallel()
	for _, s := range services() {
		op := &s.api.Operations[0]
		m, err := methodOf(s, op)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"AccessDenied", "ValidationError", "InvalidClientTokenId", "SignatureDoesNotMatch", "NotImplemented", "InternalFailure"} {
			err := fails(t, s, op, m, awserr.Newf(http.StatusForbidden, code, message))
			e, ok := errors.AsType[smithy.APIError](err)
			if !ok || e.ErrorCode() != code || e.ErrorMessage() != message {
				t.Errorf("%s: %s is %v to the SDK", s.api.ID, code, err)
			}
		}
	}
}

// typedError returns the error in err's chain whose type has the name, or nil.
func typedError(err error, name string) smithy.APIError {
	for ; err != nil; err = errors.Unwrap(err) {
		if e, ok := reflect.TypeAssert[smithy.APIError](reflect.ValueOf(err)); ok && reflect.TypeOf(err).Elem().Name() == name {
			return e
		}
	}
	return nil
}

// fieldsOf returns what an error may have beside its message, each with every
// value that the SDK knows; one empty field when there is nothing else.
func fieldsOf(t *testing.T, e smithy.APIError) []awserr.Field {
	t.Helper()
	v := reflect.ValueOf(e).Elem()
	var fields []awserr.Field
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case !f.IsExported() || f.Name == "Message" || f.Name == "ErrorCodeOverride":
		case f.Type.Kind() == reflect.String:
			list := v.Field(i).MethodByName("Values").Call(nil)[0]
			for k := range list.Len() {
				fields = append(fields, awserr.Field{Name: f.Name, Value: list.Index(k).String()})
			}
		case f.Type == reflect.TypeFor[*string]():
			fields = append(fields, awserr.Field{Name: f.Name, Value: message})
		default:
			t.Errorf("%v has a %s of type %v", v.Type(), f.Name, f.Type)
		}
	}
	if fields == nil {
		fields = []awserr.Field{{}}
	}
	return fields
}

func checkError(t *testing.T, e smithy.APIError, shape *wire.ErrorShape, more awserr.Field) {
	t.Helper()
	if e == nil {
		t.Errorf("%s with %v is another error to the SDK", shape.Name, more)
		return
	}
	fault := smithy.FaultClient
	if shape.Status >= http.StatusInternalServerError {
		fault = smithy.FaultServer
	}
	if e.ErrorCode() != shape.Code || e.ErrorMessage() != message || e.ErrorFault() != fault {
		t.Errorf("%s is %s, %q, fault of the %v to the SDK", shape.Name, e.ErrorCode(), e.ErrorMessage(), e.ErrorFault())
	}
	if more.Name == "" {
		return
	}
	if got := reflect.Indirect(reflect.ValueOf(e).Elem().FieldByName(more.Name)).String(); got != more.Value {
		t.Errorf("%s has the %s %q to the SDK, and was sent %q", shape.Name, more.Name, got, more.Value)
	}
}
