package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/regent-iam/regent/internal/client"
)

// A remote is what the verbs share that ask a server.
type remote struct {
	seams   Seams
	options client.Options
	json    bool
	noInput bool
}

func (r *remote) flags(f *pflag.FlagSet) {
	f.StringVar(&r.options.Profile, "profile", "", "profile of the AWS configuration (AWS_PROFILE)")
	f.StringVar(&r.options.Server, "server", "", "URL of the server; the profile's endpoint_url, unless given")
	f.BoolVar(&r.json, "json", false, "print the answer as JSON")
	f.BoolVar(&r.noInput, "no-input", false, "never ask for anything")
}

func (r *remote) open(ctx context.Context) (*client.Client, error) {
	if !r.noInput {
		r.options.Code = r.code
	}
	return client.Open(ctx, r.options)
}

// print writes the server's answer: as it came, or as text describes it.
func (r *remote) print(raw []byte, text func(*bytes.Buffer)) error {
	var out bytes.Buffer
	if r.json {
		if err := json.Indent(&out, raw, "", "  "); err != nil {
			return err
		}
		out.WriteByte('\n')
	} else {
		text(&out)
	}
	_, err := r.seams.Out.Write(out.Bytes())
	return err
}

// code asks for a one-time code.
func (r *remote) code() (string, error) {
	if _, err := io.WriteString(r.seams.Err, "MFA code: "); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(r.seams.In).ReadString('\n')
	if err != nil && line == "" {
		return "", errors.New("no code was given")
	}
	return strings.TrimSpace(line), nil
}
