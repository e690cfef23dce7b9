package config_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/config"
)

var update = flag.Bool("update", false, "write the page of settings anew")

const page = "../../docs/reference/settings.md"

// TestThePageOfSettingsIsTrue fails when docs/reference/settings.md is stale;
// go test ./internal/config -update writes it anew.
func TestThePageOfSettingsIsTrue(t *testing.T) {
	t.Parallel()
	want := reference()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale; go test ./internal/config -update writes it anew:\n%s", page, diff)
	}
}

// reference is the page of settings.
func reference() string {
	var b strings.Builder
	b.WriteString(`# Settings of ` + "`regent serve`" + `

This page is made from the table of settings in ` + "`internal/config`" + `; a test fails when it is stale.

A flag beats its variable, which beats the file that ` + "`--config`" + ` (or ` + "`REGENT_CONFIG`" + `) names. What Regent does not know is an error: an unknown key of the file, a key that is
there twice or has no value, a variable that begins with ` + "`REGENT_`" + ` and is in neither table, an unknown flag. A boolean in the file or a variable is ` + "`true`" + ` or ` + "`false`" + ` and nothing else.
No setting switches enforcement off. ` + "`regent serve --check`" + ` checks the settings, and serves nothing.

| key in the file | flag | variable | default | what it is |
|---|---|---|---|---|
`)
	for _, s := range config.Settings() {
		name := "–"
		if s.Flag != "" {
			name = "`--" + s.Flag + "`"
		}
		byDefault := "–"
		if s.Default != "" {
			byDefault = "`" + s.Default + "`"
		}
		usage := s.Usage
		if s.List {
			usage += "; in the file also a list"
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s |\n", s.Key, name, s.Env(), byDefault, strings.ReplaceAll(usage, "`", ""))
	}
	b.WriteString(`
A key with a dot may be nested in the file:

` + "```yaml" + `
listen: 0.0.0.0:443
tls:
  cert: /etc/regent/cert.pem
  key: /etc/regent/key.pem
trusted-proxies: [10.0.0.0/8]
` + "```" + `

## Variables that are no settings

Secrets come from the environment or from files, never from flags, which every user of the machine can see.

| variable | what it is |
|---|---|
`)
	for _, v := range config.Variables() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", v.Name, v.Usage)
	}
	b.WriteString(`
One that is there must not be empty: an empty one is a secret that got lost on its way.

## Which addresses are served

| address | without TLS | with TLS or ` + "`--allow-plain-http`" + ` | with ` + "`--demo` or `--dev`" + ` |
|---|---|---|---|
| loopback (` + "`127.0.0.0/8`, `[::1]`, `localhost`" + `) | yes | yes | yes |
| any other | refused | yes | refused |
`)
	return b.String()
}
