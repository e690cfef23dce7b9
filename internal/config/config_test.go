package config_test

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"github.com/regent-iam/regent/internal/config"
)

// load loads settings from a file's text, variables and arguments.
func load(t *testing.T, file string, environ, args []string) (*config.Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	config.Flags(flags)
	if file != "" {
		name := filepath.Join(t.TempDir(), "regent.yaml")
		if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append([]string{"--config", name}, args...)
	}
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	return config.Load(flags, environ)
}

func TestLoadWithoutSettingsGivesTheDefaults(t *testing.T) {
	t.Parallel()
	got, err := load(t, "", []string{"HOME=x", "AWS_PROFILE=x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Config{
		Listen: "127.0.0.1:8700", Data: "./regent-data", Region: "us-east-1", SealingKeyAge: 90 * 24 * time.Hour, DataEvents: true,
		SignInCredentials: 30 * time.Minute, SignInIdle: time.Hour,
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

// TestSettingsIsOneTable: key, variable and flag are one name in three spellings.
func TestSettingsIsOneTable(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, s := range config.Settings() {
		keys = append(keys, s.Key)
		spelt := strings.NewReplacer(".", "-", "_", "-").Replace(s.Key)
		if s.Flag != "" && s.Flag != spelt {
			t.Errorf("the flag of %s is --%s, not --%s", s.Key, s.Flag, spelt)
		}
		if want := "REGENT_" + strings.ToUpper(strings.ReplaceAll(spelt, "-", "_")); s.Env() != want {
			t.Errorf("the variable of %s is %s, not %s", s.Key, s.Env(), want)
		}
		if s.Usage == "" {
			t.Errorf("%s says nothing of itself", s.Key)
		}
		if s.Bool && s.Default != "true" && s.Default != "false" {
			t.Errorf("the default of %s is %q", s.Key, s.Default)
		}
	}
	if !slices.IsSorted(keys) {
		t.Errorf("the table is not sorted: %v", keys)
	}
	if compact := slices.Compact(slices.Clone(keys)); len(compact) != len(keys) {
		t.Errorf("a key is there twice: %v", keys)
	}
}

func TestLoadPrefersFlagsToVariablesToTheFile(t *testing.T) {
	t.Parallel()
	const file = "region: eu-central-1\n"
	env, args := []string{"REGENT_REGION=eu-west-1"}, []string{"--region=eu-north-1"}
	for _, test := range []struct {
		name, file string
		env, args  []string
		want       string
	}{
		{"nothing", "", nil, nil, "us-east-1"},
		{"file", file, nil, nil, "eu-central-1"},
		{"variable over file", file, env, nil, "eu-west-1"},
		{"flag over both", file, env, args, "eu-north-1"},
		{"flag that says the default", file, env, []string{"--region=us-east-1"}, "us-east-1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := load(t, test.file, test.env, test.args)
			if err != nil {
				t.Fatal(err)
			}
			if got.Region != test.want {
				t.Errorf("the region is %s, not %s", got.Region, test.want)
			}
		})
	}
}

// TestLoadTakesEverySettingFromEverywhere sets each setting in each of the
// places it can be set in, and sees that it arrives.
func TestLoadTakesEverySettingFromEverywhere(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("s3same\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	authorities := writeFile(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	values := map[string]string{
		"federation.allow-networks": "10.1.0.7", "federation.ca-file": authorities, "federation.loopback-http": "true",
		"federation.saml-endpoints": "https://id.example/saml",
		"allow-plain-http":          "true", "data": "d", "demo": "true", "dev": "true", "listen": "[::1]:1", "management.account": "123456789012",
		"management.email": "a@b.example", "management.name": "boss", "master-key-file": "m", "metrics-token-file": token,
		"record.data_events": "false", "region": "eu-west-3", "s3-host": "s3.example", "tls.cert": "c", "tls.key": "k",
		"trusted-proxies": "10.0.0.0/8", "public-url": "https://id.example:8443/", "sealing-key-age": "7d",
		"console-host":           "console.id.example",
		"signin.credentials_ttl": "12h", "signin.idle": "5m", "signin.destinations": "https://tools.example/start/", "signin.role_session": "strict",
	}
	want := &config.Config{
		Listen: "[::1]:1", Data: "d", Region: "eu-west-3", ManagementID: "123456789012", ManagementName: "boss", ManagementEmail: "a@b.example",
		TLSCert: "c", TLSKey: "k", TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, S3Hosts: []string{"s3.example"},
		AllowPlainHTTP: true, MetricsToken: "s3same", MasterKeyFile: "m", Demo: true, Dev: true,
		PublicURL:          "https://id.example:8443",
		ConsoleHost:        "console.id.example",
		SealingKeyAge:      7 * 24 * time.Hour,
		SignInCredentials:  12 * time.Hour,
		SignInIdle:         5 * time.Minute,
		SignInDestinations: []string{"https://tools.example/start/"},
		SignInStrictRoles:  true,
		FederationNetworks: []netip.Prefix{netip.MustParsePrefix("10.1.0.7/32")}, FederationCAs: pool, FederationLoopback: true,
		SAMLEndpoints: []string{"https://id.example/saml"},
	}
	var file, nested strings.Builder
	var env, args []string
	for _, s := range config.Settings() {
		v, ok := values[s.Key]
		if !ok {
			t.Fatalf("this test does not set %s", s.Key)
		}
		file.WriteString(s.Key + ": " + v + "\n")
		env = append(env, s.Env()+"="+v)
		if s.Flag != "" {
			args = append(args, "--"+s.Flag+"="+v)
		} else {
			args = append(args, "--config="+writeFile(t, s.Key+": "+v+"\n"))
		}
		if outer, inner, ok := strings.Cut(s.Key, "."); ok {
			if !strings.Contains(nested.String(), outer+":\n") {
				nested.WriteString(outer + ":\n")
			}
			nested.WriteString("  " + inner + ": " + v + "\n")
		} else {
			nested.WriteString(s.Key + ": " + v + "\n")
		}
	}
	for name, got := range map[string]func() (*config.Config, error){
		"dotted keys": func() (*config.Config, error) {
			return load(t, strings.ReplaceAll(file.String(), "[::1]:1", "'[::1]:1'"), nil, nil)
		},
		"nested keys": func() (*config.Config, error) {
			return load(t, strings.ReplaceAll(nested.String(), "[::1]:1", "'[::1]:1'"), nil, nil)
		},
		"variables": func() (*config.Config, error) { return load(t, "", env, nil) },
		"flags":     func() (*config.Config, error) { return load(t, "", nil, args) },
	} {
		c, err := got()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, c, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestLoadRefusesWhatItDoesNotUnderstand: nothing that is misspelled, said twice
// or half said is passed over, since then it would mean "off".
func TestLoadRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	empty := writeFile(t, " \n")
	for _, test := range []struct {
		name, file string
		env, args  []string
		want       string
	}{
		{"unknown key", "enforcement: off\n", nil, nil, "line 1: enforcement is no setting"},
		{"misspelled nested key", "tls:\n  cret: x\n", nil, nil, "line 2: tls.cret is no setting"},
		{"another case", "Region: eu-west-1\n", nil, nil, "Region is no setting"},
		{"unknown section that is empty", "iam: {}\n", nil, nil, "line 1: iam is empty"},
		{"unknown list that is empty", "iam: []\n", nil, nil, "iam is no setting"},
		{"unknown key without value", "iam:\n", nil, nil, "iam is no setting"},
		{"key twice", "region: a\nregion: b\n", nil, nil, "region"},
		{"key nested and dotted", "tls.cert: a\ntls:\n  cert: b\n", nil, nil, "tls.cert is set twice"},
		{"a section as value", "region:\n  name: a\n", nil, nil, "region.name is no setting"},
		{"a value as section", "tls: on\n", nil, nil, "tls is no setting"},
		{"no value", "listen:\n", nil, nil, "line 1: listen has no value"},
		{"null", "master-key-file: ~\n", nil, nil, "master-key-file has no value"},
		{"a list where none goes", "data: [a, b]\n", nil, nil, "data has no value"},
		{"a list of lists", "s3-host: [[a], b]\n", nil, nil, "s3-host is not a list"},
		{"an endpoint without TLS", "federation.saml-endpoints: http://id.example/saml\n", nil, nil, "is not an https URL"},
		{"roles of another kind", "signin.role_session: short\n", nil, nil, "is neither renewed nor strict"},
		{"a destination without TLS", "signin.destinations: http://tools.example/\n", nil, nil, "is not an https URL of a host"},
		{"a destination without a slash at its end", "signin.destinations: https://tools.example/start\n", nil, nil, "ends in a slash"},
		{"a destination without a path", "signin.destinations: https://tools.example\n", nil, nil, "ends in a slash"},
		{"a destination of somebody", "signin.destinations: https://user@tools.example/\n", nil, nil, "is not an https URL of a host"},
		{"a destination with a query", "signin.destinations: https://tools.example/?/\n", nil, nil, "is not an https URL of a host"},
		{"a destination with an empty query", "signin.destinations: https://tools.example/?\n", nil, nil, "is not an https URL of a host"},
		{"a destination with dots", "signin.destinations: https://tools.example/a/../\n", nil, nil, "is not an https URL of a host"},
		{"a destination with escapes", "signin.destinations: https://tools.example/%2e%2e/\n", nil, nil, "is not an https URL of a host"},
		{"a destination of no host", "signin.destinations: https:///start/\n", nil, nil, "is not an https URL of a host"},
		{"a destination in another case", "signin.destinations: https://Tools.example/\n", nil, nil, "is not an https URL of a host"},
		{"a destination that is a path", "signin.destinations: /start/\n", nil, nil, "is not an https URL of a host"},
		{"a key that is rotated too often", "sealing-key-age: 6d\n", nil, nil, "is not a number of days"},
		{"an age in hours", "sealing-key-age: 240h\n", nil, nil, "is not a number of days"},
		{"credentials for too short", "signin.credentials_ttl: 14m\n", nil, nil, "is not a time from 15m0s to 12h0m0s"},
		{"credentials for too long", "signin.credentials_ttl: 13h\n", nil, nil, "is not a time from"},
		{"a time without a unit", "signin.idle: 60\n", nil, nil, "is not a time from 5m0s to 12h0m0s"},
		{"a comma in a list", "s3-host: ['a,b']\n", nil, nil, "s3-host is not a list"},
		{"alias", "region: &a eu-west-1\ndata: *a\n", nil, nil, "data has no value"},
		{"merged keys", "tls: &a\n  cert: x\n  key: y\n<<: *a\n", nil, nil, "is no setting"},
		{"second document", "region: eu-west-1\n---\ndev: true\n", nil, nil, "more than one document"},
		{"no mapping", "- region\n", nil, nil, "settings are wanted"},
		{"only a word", "region\n", nil, nil, "settings are wanted"},
		{"no YAML", "region: [\n", nil, nil, "regent.yaml"},
		{"boolean yes", "dev: yes\n", nil, nil, `dev (from the file): "yes" is neither true nor false`},
		{"boolean True", "dev: True\n", nil, nil, "neither true nor false"},
		{"boolean 1", "", []string{"REGENT_DEV=1"}, nil, "dev (from REGENT_DEV)"},
		{"boolean empty", "", []string{"REGENT_DEV="}, nil, "neither true nor false"},
		{"boolean flag", "", nil, []string{"--dev=on"}, "dev"},
		{"unknown variable", "", []string{"REGENT_PERMISSIVE=true"}, nil, "REGENT_PERMISSIVE"},
		{"misspelled variable", "", []string{"REGENT_TRUSTED_PROXY=10.0.0.0/8"}, nil, "REGENT_TRUSTED_PROXY"},
		{"unknown flag", "", nil, []string{"--no-auth"}, "no-auth"},
		{"a secret that is empty", "", []string{"REGENT_MASTER_KEY="}, nil, "REGENT_MASTER_KEY is there, but empty"},
		{"a file that is empty by mistake", "", []string{"REGENT_CONFIG="}, nil, "REGENT_CONFIG is there, but empty"},
		{"missing file", "", nil, []string{"--config=/nonexistent/regent.yaml"}, "reading the configuration"},
		{"region", "", nil, []string{"--region=EU West"}, "not the name of a region"},
		{"empty region", "", []string{"REGENT_REGION="}, nil, "not the name of a region"},
		{"account id too short", "", nil, []string{"--management-account=1234"}, "not an account id"},
		{"account id with letters", "management.account: 12345678901a\n", nil, nil, "not an account id"},
		{"empty data", "", nil, []string{"--data="}, "--data is empty"},
		{"metrics token file that is missing", "", nil, []string{"--metrics-token-file=/nonexistent/token"}, "metrics-token-file (from --metrics-token-file)"},
		{"metrics token file that is empty", "", nil, []string{"--metrics-token-file=" + empty}, "holds no token"},
		{"host with a port", "", nil, []string{"--s3-host=s3.example:8700"}, "not a domain"},
		{"host with a dot in front", "", nil, []string{"--s3-host=.s3.example"}, "not a domain"},
		{"proxy by name", "", nil, []string{"--trusted-proxies=proxy.example"}, "neither an address nor a prefix"},
		{"proxy prefix too long", "", nil, []string{"--trusted-proxies=10.0.0.0/33"}, "neither an address nor a prefix"},
		{"no port", "", nil, []string{"--listen=127.0.0.1"}, "host:port"},
		{"port by name", "", nil, []string{"--listen=127.0.0.1:http"}, "no port"},
		{"port too large", "", nil, []string{"--listen=127.0.0.1:65536"}, "no port"},
		{"certificate without key", "", nil, []string{"--tls-cert=c"}, "go together"},
		{"key without certificate", "tls.key: k\n", nil, nil, "go together"},
		{"two master keys", "master-key-file: m\n", []string{"REGENT_MASTER_KEY=x"}, nil, "exclude each other"},
		{"root key without secret", "", []string{"REGENT_ROOT_ACCESS_KEY_ID=AKIAX"}, nil, "go together"},
		{"root secret without key", "", []string{"REGENT_ROOT_SECRET_ACCESS_KEY=x"}, nil, "go together"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := load(t, test.file, test.env, test.args)
			if err == nil {
				t.Fatalf("loaded %+v", c)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q does not say %q", err, test.want)
			}
		})
	}
}

// TestLoadTakesSecretsFromTheEnvironmentAlone: a flag would show them to every
// user of the machine, and nothing shows the file to be private.
//
// Rules: TH-53
func TestLoadTakesSecretsFromTheEnvironmentAlone(t *testing.T) {
	t.Parallel()
	c, err := load(t, "", []string{"REGENT_MASTER_KEY=mk", "REGENT_ROOT_ACCESS_KEY_ID=id", "REGENT_ROOT_SECRET_ACCESS_KEY=sk"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.MasterKey != "mk" || c.RootKeyID != "id" || c.RootSecret != "sk" {
		t.Errorf("got %q, %q, %q", c.MasterKey, c.RootKeyID, c.RootSecret)
	}
	for _, name := range []string{"master-key", "root-access-key-id", "root-secret-access-key", "metrics-token"} {
		if _, err := load(t, "", nil, []string{"--" + name + "=x"}); err == nil {
			t.Errorf("there is a flag --%s", name)
		}
		if _, err := load(t, name+": x\n", nil, nil); err == nil {
			t.Errorf("the file may hold %s", name)
		}
	}
}

func TestLoadToleratesTheVariablesOfTheClient(t *testing.T) {
	t.Parallel()
	_, err := load(t, "", []string{"REGENT_PROFILE=x", "REGENT_SERVER=x", "REGENT_EXPIRES=x", "REGENT_KEYRING=x", "REGENT_KEYRING_PASSWORD_FILE=x"}, nil)
	if err != nil {
		t.Error(err)
	}
}

// TestLoadRefusesToServeOthersByMistake: the start matrix of addresses, TLS,
// demo and development.
//
// Rules: TH-106 TH-107
func TestLoadRefusesToServeOthersByMistake(t *testing.T) {
	t.Parallel()
	loopback := []string{"127.0.0.1:8700", "127.9.9.9:0", "localhost:8700", "[::1]:8700", "[::ffff:127.0.0.1]:80"}
	public := []string{":8700", "0.0.0.0:8700", "[::]:8700", "10.1.2.3:80", "regent.example:443", "localhost.example:80", "127.0.0.1.example:80"}
	for _, address := range loopback {
		for _, args := range [][]string{nil, {"--demo"}, {"--dev"}, {"--demo", "--dev"}} {
			if _, err := load(t, "", nil, append(args, "--listen="+address)); err != nil {
				t.Errorf("%s %v: %v", address, args, err)
			}
		}
	}
	tls := []string{"--tls-cert=c", "--tls-key=k"}
	for _, address := range public {
		for _, test := range []struct {
			args []string
			want string // in the error; "" for none
		}{
			{nil, "give --tls-cert and --tls-key, or --allow-plain-http"},
			{tls, ""},
			{[]string{"--allow-plain-http"}, ""},
			{append([]string{"--demo"}, tls...), "--demo serves this machine only"},
			{[]string{"--demo", "--allow-plain-http"}, "--demo serves this machine only"},
			{append([]string{"--dev"}, tls...), "--dev serves this machine only"},
			{[]string{"--dev", "--allow-plain-http"}, "--dev serves this machine only"},
		} {
			_, err := load(t, "", nil, append(slices.Clone(test.args), "--listen="+address))
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%s %v: %v, and wanted %q", address, test.args, err, test.want)
			}
		}
	}
}

// Rules: TH-105
func TestTrustedProxiesAreAddressesAndPrefixes(t *testing.T) {
	t.Parallel()
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::/32")}
	for name, got := range map[string]func() (*config.Config, error){
		"flag": func() (*config.Config, error) {
			return load(t, "", nil, []string{"--trusted-proxies", "10.1.2.3/8, 192.0.2.7,,2001:db8::1/32"})
		},
		"list": func() (*config.Config, error) {
			return load(t, "trusted-proxies:\n- 10.1.2.3/8\n- 192.0.2.7\n- 2001:db8::1/32\n", nil, nil)
		},
	} {
		c, err := got()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, c.TrustedProxies, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLoadReadsTheFileThatTheEnvironmentNames(t *testing.T) {
	t.Parallel()
	c, err := load(t, "", []string{"REGENT_CONFIG=" + writeFile(t, "region: eu-south-1\n")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Region != "eu-south-1" {
		t.Errorf("the region is %s", c.Region)
	}
	if _, err := load(t, "# nothing\n", nil, nil); err != nil {
		t.Errorf("a file with nothing in it: %v", err)
	}
}

// The address that others are told is the one that is set or served, and none
// where it could only be guessed. Others are told of no plain HTTP.
//
// Rules: TH-95
func TestPublicAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, want string }{
		{"", "http://127.0.0.1:8700"},
		{"--listen=localhost:80", "http://localhost:80"},
		{"--listen=[::1]:8700", "http://[::1]:8700"},
		{"--listen=127.0.0.1:0", ""},
		{"--listen=0.0.0.0:443 --tls-cert=c --tls-key=k", ""},
		{"--listen=:443 --tls-cert=c --tls-key=k", ""},
		{"--listen=id.example:443 --tls-cert=c --tls-key=k", "https://id.example:443"},
		{"--listen=0.0.0.0:443 --tls-cert=c --tls-key=k --public-url=https://id.example", "https://id.example"},
		{"--public-url=http://127.0.0.1:8700/", "http://127.0.0.1:8700"},
	} {
		c, err := load(t, "", nil, strings.Fields(test.args))
		if err != nil {
			t.Errorf("%s: %v", test.args, err)
			continue
		}
		if got := c.PublicAddress(); got != test.want {
			t.Errorf("%s: %q, want %q", test.args, got, test.want)
		}
	}
	for _, bad := range []string{
		"http://id.example", "id.example", "https://", "https://id.example/path", "https://u:p@id.example", "https://id.example?q",
		"https://id.example#f", "ftp://id.example", "//id.example",
	} {
		if _, err := load(t, "", nil, []string{"--public-url=" + bad}); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
