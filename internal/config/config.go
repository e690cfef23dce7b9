// Package config reads the server's settings: from flags, REGENT_ variables
// and one YAML file, in that order of weight. One table says what there is;
// what it does not have is an error, so that no misspelled setting means "off".
package config

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v4"
)

// A Config holds the server's settings. Settings has each one's key in the
// file, its flag, its variable, its default and what it means.
type Config struct {
	Listen          string         // listen: address and port
	Data            string         // data: directory that holds everything
	Region          string         // region
	ManagementID    string         // management.account: id of the management account, at first start
	ManagementName  string         // management.name
	ManagementEmail string         // management.email
	TLSCert         string         // tls.cert: file with the certificate chain, PEM
	TLSKey          string         // tls.key: file with its key, PEM
	TrustedProxies  []netip.Prefix // trusted-proxies
	S3Hosts         []string       // s3-host: domains under which bucket names are host names
	AllowPlainHTTP  bool           // allow-plain-http: serve a public address without TLS
	MetricsToken    string         // what the file of metrics-token-file holds
	MasterKeyFile   string         // master-key-file: file with the master key
	Demo            bool           // demo
	Dev             bool           // dev
	DataEvents      bool           // record.data_events
	PublicURL       string         // public-url: where others reach the server
	ConsoleHost     string         // console-host: the host that serves the console alone
	SealingKeyAge   time.Duration  // sealing-key-age: how old the sealing key gets before it is rotated

	SignInCredentials time.Duration // signin.credentials_ttl: how long credentials of the console are good
	SignInIdle        time.Duration // signin.idle: how long a sign-in lasts without input
	// SignInDestinations is signin.destinations: URLs that end in a slash, below
	// which a sign-in may go on beside the console.
	SignInDestinations []string
	SignInStrictRoles  bool // signin.role_session: whether a role that was switched to ends when the role's own time is over

	FederationNetworks []netip.Prefix // federation.allow-networks: where identity providers may be beside public addresses
	FederationCAs      *x509.CertPool // what the file of federation.ca-file holds; nil when there is none
	FederationLoopback bool           // federation.loopback-http: providers on this machine may be without TLS
	SAMLEndpoints      []string       // federation.saml-endpoints: what SAML responses may be for, beside AWS

	// MasterKey and the root key come from the environment alone: a flag would
	// show them to every user of the machine.
	MasterKey  string // REGENT_MASTER_KEY
	RootKeyID  string // REGENT_ROOT_ACCESS_KEY_ID, at first start
	RootSecret string // REGENT_ROOT_SECRET_ACCESS_KEY
}

// A Setting is a row of the table of settings.
type Setting struct {
	Key     string // in the file
	Flag    string // without dashes, "" when it has none
	Default string
	Usage   string
	// Bool says that the setting is true or false.
	Bool bool
	// List says that the setting may be a list in the file; elsewhere commas
	// stand between its items.
	List bool
	set  func(*Config, string) error
}

// Env returns the setting's variable.
func (s *Setting) Env() string { return envOf(s.Key) }

func envOf(key string) string {
	return prefix + strings.NewReplacer(".", "_", "-", "_").Replace(upper(key))
}

// prefix begins the names of Regent's variables.
const prefix = "REGENT_"

func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*field(c) = v
		return nil
	}
}

func truth(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil || v != "true" && v != "false" {
			return fmt.Errorf("%q is neither true nor false", v)
		}
		*field(c) = b
		return nil
	}
}

// longestSpan is as long as a sign-in can last.
const longestSpan = 12 * time.Hour

// span reads a time of at least least, and at most longestSpan.
func span(field func(*Config) *time.Duration, least time.Duration) func(*Config, string) error {
	return func(c *Config, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < least || d > longestSpan {
			return fmt.Errorf("%q is not a time from %s to %s, as 30m or 1h", v, least, longestSpan)
		}
		*field(c) = d
		return nil
	}
}

// Settings returns the table of settings, sorted by key.
func Settings() []Setting {
	return []Setting{
		{Key: "allow-plain-http", Flag: "allow-plain-http", Default: "false", Bool: true, Usage: "serve an address that others can reach without TLS", set: truth(func(c *Config) *bool { return &c.AllowPlainHTTP })},
		{Key: "console-host", Flag: "console-host", Usage: "`host` name, with a port or not, that serves the console and nothing else; without it the console is wherever the server is", set: text(func(c *Config) *string { return &c.ConsoleHost })},
		{Key: "data", Flag: "data", Default: "./regent-data", Usage: "`directory` that holds everything", set: text(func(c *Config) *string { return &c.Data })},
		{Key: "demo", Flag: "demo", Default: "false", Bool: true, Usage: "begin with the accounts prod and dev of the journey", set: truth(func(c *Config) *bool { return &c.Demo })},
		{Key: "dev", Flag: "dev", Default: "false", Bool: true, Usage: "allow what only tests want: moving the clock, reset, snapshots", set: truth(func(c *Config) *bool { return &c.Dev })},
		{Key: "federation.allow-networks", Flag: "federation-allow-networks", List: true, Usage: "`addresses` or prefixes, separated by commas, that identity providers may have though they are not public", set: setFederationNetworks},
		{Key: "federation.ca-file", Flag: "federation-ca-file", Usage: "`file` with certificates, PEM, of authorities that are trusted for identity providers beside the machine's own", set: readFederationCAs},
		{Key: "federation.loopback-http", Flag: "federation-loopback-http", Default: "false", Bool: true, Usage: "let identity providers on this machine be without TLS, for tests", set: truth(func(c *Config) *bool { return &c.FederationLoopback })},
		{Key: "federation.saml-endpoints", Flag: "federation-saml-endpoints", List: true, Usage: "`URLs`, separated by commas, that responses of SAML providers may be made for beside AWS's own, as recipient or audience", set: setSAMLEndpoints},
		{Key: "listen", Flag: "listen", Default: "127.0.0.1:8700", Usage: "`address` to serve", set: text(func(c *Config) *string { return &c.Listen })},
		{Key: "management.account", Flag: "management-account", Usage: "`id` of the management account that the first start makes; one is drawn when none is given", set: setManagementID},
		{Key: "management.email", Flag: "management-email", Usage: "its e-mail `address`", set: text(func(c *Config) *string { return &c.ManagementEmail })},
		{Key: "management.name", Flag: "management-name", Usage: "its `name`", set: text(func(c *Config) *string { return &c.ManagementName })},
		{Key: "master-key-file", Flag: "master-key-file", Usage: "`file` with the key that secrets are sealed under (32 bytes, base64)", set: text(func(c *Config) *string { return &c.MasterKeyFile })},
		{Key: "metrics-token-file", Flag: "metrics-token-file", Usage: "`file` with the bearer token that lets other machines read the metrics", set: readMetricsToken},
		{Key: "public-url", Flag: "public-url", Usage: "`URL` at which others reach the server, when it is not the address that it serves: tokens name it as their issuer", set: setPublicURL},
		{Key: "record.data_events", Default: "true", Bool: true, Usage: "record calls on objects", set: truth(func(c *Config) *bool { return &c.DataEvents })},
		{Key: "region", Flag: "region", Default: "us-east-1", Usage: "AWS `region` that the server is in", set: setRegion},
		{Key: "s3-host", Flag: "s3-host", List: true, Usage: "`domains`, separated by commas, under which bucket names are host names", set: setHosts},
		{Key: "sealing-key-age", Flag: "sealing-key-age", Default: "90d", Usage: "how old the key that seals sessions and secrets gets before a new one takes its place, from `7d` to 3650d", set: setSealingKeyAge},
		{Key: "signin.credentials_ttl", Flag: "signin-credentials-ttl", Default: "30m", Usage: "how long credentials are good that the console gets for who signed in, from 15m to 12h", set: span(func(c *Config) *time.Duration { return &c.SignInCredentials }, 15*time.Minute)},
		{Key: "signin.destinations", Flag: "signin-destinations", List: true, Usage: "`URLs`, separated by commas, each with a slash at its end, below which a sign-in may go on to beside the console", set: setDestinations},
		{Key: "signin.idle", Flag: "signin-idle", Default: "60m", Usage: "how long a sign-in to the console lasts without input, from 5m to 12h", set: span(func(c *Config) *time.Duration { return &c.SignInIdle }, 5*time.Minute)},
		{Key: "signin.role_session", Flag: "signin-role-session", Default: "renewed", Usage: "how long a role lasts that was switched to: `renewed`, as long as the sign-in, or strict, as long as the role's maximum session duration", set: setRoleSession},
		{Key: "tls.cert", Flag: "tls-cert", Usage: "`file` with the certificate chain, PEM", set: text(func(c *Config) *string { return &c.TLSCert })},
		{Key: "tls.key", Flag: "tls-key", Usage: "`file` with its private key, PEM", set: text(func(c *Config) *string { return &c.TLSKey })},
		{Key: "trusted-proxies", Flag: "trusted-proxies", List: true, Usage: "`addresses` or prefixes, separated by commas, whose X-Forwarded headers are believed", set: setProxies},
	}
}

func readMetricsToken(c *Config, file string) error {
	if file == "" {
		return nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	c.MetricsToken = strings.TrimSpace(string(raw))
	if c.MetricsToken == "" {
		return errors.New("the file holds no token")
	}
	return nil
}

func setManagementID(c *Config, v string) error {
	if v != "" && (len(v) != 12 || strings.Trim(v, "0123456789") != "") {
		return fmt.Errorf("%q is not an account id of twelve digits", v)
	}
	c.ManagementID = v
	return nil
}

func setRegion(c *Config, v string) error {
	if v == "" || strings.Trim(v, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("%q is not the name of a region", v)
	}
	c.Region = v
	return nil
}

// setSealingKeyAge reads days. A ring that is rotated more often would fill up.
func setSealingKeyAge(c *Config, v string) error {
	number, ok := strings.CutSuffix(v, "d")
	days, err := strconv.ParseUint(number, 10, 16)
	if !ok || err != nil || days < 7 || days > 3650 {
		return fmt.Errorf("%q is not a number of days from 7d to 3650d", v)
	}
	c.SealingKeyAge = time.Duration(days) * 24 * time.Hour
	return nil
}

func setHosts(c *Config, v string) error {
	c.S3Hosts = split(v)
	for _, h := range c.S3Hosts {
		if strings.ContainsAny(h, ":/ ") || strings.HasPrefix(h, ".") {
			return fmt.Errorf("%q is not a domain", h)
		}
	}
	return nil
}

func setSAMLEndpoints(c *Config, v string) error {
	c.SAMLEndpoints = split(v)
	for _, e := range c.SAMLEndpoints {
		if u, err := url.Parse(e); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
			return fmt.Errorf("%q is not an https URL", e)
		}
	}
	return nil
}

func setPublicURL(c *Config, v string) error {
	c.PublicURL = strings.TrimSuffix(v, "/")
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme+"://"+u.Host != c.PublicURL:
		return fmt.Errorf("%q is not https:// and a host", v)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return fmt.Errorf("%q is not https, which others need to trust a token", v)
	}
	return nil
}

// PublicAddress returns the URL at which others reach the server: the one that
// is set, or that of the address that is served when it names a host. It is ""
// when nobody can tell.
func (c *Config) PublicAddress() string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host, port, err := splitHostPort(c.Listen)
	if addr, ip := netip.ParseAddr(host); err != nil || host == "" || port == "0" || ip == nil && addr.IsUnspecified() {
		return ""
	}
	scheme := "http://"
	if c.TLSCert != "" {
		scheme = "https://"
	}
	return scheme + c.Listen
}

func setProxies(c *Config, v string) (err error) {
	c.TrustedProxies, err = networks(v)
	return err
}

func setFederationNetworks(c *Config, v string) (err error) {
	c.FederationNetworks, err = networks(v)
	return err
}

// networks reads a list of addresses and prefixes.
func networks(v string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, p := range split(v) {
		if addr, err := netip.ParseAddr(p); err == nil {
			out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(p)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a prefix", p)
		}
		out = append(out, network.Masked())
	}
	return out, nil
}

func readFederationCAs(c *Config, file string) error {
	if file == "" {
		return nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	c.FederationCAs = x509.NewCertPool()
	if !c.FederationCAs.AppendCertsFromPEM(raw) {
		return errors.New("the file holds no certificate")
	}
	return nil
}

func split(v string) []string {
	var out []string
	for part := range strings.SplitSeq(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// Flags adds the flags of all settings to a set.
func Flags(flags *pflag.FlagSet) {
	for _, s := range Settings() {
		switch {
		case s.Flag == "":
		case s.Bool:
			flags.Bool(s.Flag, s.Default == "true", s.Usage)
		default:
			flags.String(s.Flag, s.Default, s.Usage)
		}
	}
	flags.String("config", "", "YAML `file` with settings")
}

// Variables that are no settings: the secrets, where the file is, and those of
// the regent command as a client.
const (
	envMasterKey  = "REGENT_MASTER_KEY"
	envRootKeyID  = "REGENT_ROOT_ACCESS_KEY_ID"
	envRootSecret = "REGENT_ROOT_SECRET_ACCESS_KEY" //nolint:gosec // the name of a variable
	envConfig     = "REGENT_CONFIG"
)

// A Variable is one of Regent's variables that is no setting.
type Variable struct{ Name, Usage string }

// Variables returns the variables that the server reads and that are no
// settings, sorted by name.
func Variables() []Variable {
	return []Variable{
		{envConfig, "the YAML file with settings, as `--config`"},
		{envMasterKey, "the master key itself (32 bytes, base64), in place of `--master-key-file`"},
		{envRootKeyID, "the id of the root access key that the first start gives to the management account; later starts ignore it"},
		{envRootSecret, "its secret"},
	}
}

// clientVariables are the command's as a client. The server does not read them,
// and does not refuse to start beside them.
func clientVariables() []string {
	return []string{
		"REGENT_EXPIRES", "REGENT_KEYRING", "REGENT_KEYRING_PASSWORD_FILE", "REGENT_PROFILE", "REGENT_SERVER",
	}
}

// Load reads the settings. environ is as os.Environ returns it. Every error
// names the setting and where it was made.
func Load(flags *pflag.FlagSet, environ []string) (*Config, error) {
	env, err := variables(environ)
	if err != nil {
		return nil, err
	}
	file, err := readFile(flags, env)
	if err != nil {
		return nil, err
	}
	c := &Config{MasterKey: env[envMasterKey], RootKeyID: env[envRootKeyID], RootSecret: env[envRootSecret]}
	for _, s := range Settings() {
		value, from := s.Default, "its default"
		if v, ok := file[s.Key]; ok {
			value, from = v, "the file"
		}
		if v, ok := env[s.Env()]; ok {
			value, from = v, s.Env()
		}
		if f := flags.Lookup(s.Flag); s.Flag != "" && f != nil && f.Changed {
			value, from = f.Value.String(), "--"+s.Flag
		}
		if err := s.set(c, value); err != nil {
			return nil, fmt.Errorf("setting %s (from %s): %w", s.Key, from, err)
		}
	}
	return c, c.check()
}

// variables returns Regent's variables, and fails on those nobody knows.
func variables(environ []string) (map[string]string, error) {
	known := clientVariables()
	for _, v := range Variables() {
		known = append(known, v.Name)
	}
	for _, s := range Settings() {
		known = append(known, s.Env())
	}
	env := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("the environment has %s, which is no setting of Regent's", name)
		}
		env[name] = value
	}
	for _, v := range Variables() {
		if value, ok := env[v.Name]; ok && value == "" {
			return nil, fmt.Errorf("%s is there, but empty", v.Name) // a secret that got lost on its way
		}
	}
	return env, nil
}

// readFile reads the settings of the file that flags or environment name.
func readFile(flags *pflag.FlagSet, env map[string]string) (map[string]string, error) {
	name := env[envConfig]
	if f := flags.Lookup("config"); f != nil && f.Changed {
		name = f.Value.String()
	}
	if name == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	settings, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return settings, nil
}

// parse reads a file's settings: keys may be nested or have dots. Keys that
// are not in the table, or there twice, are errors; so is a second document,
// which a reader of the file would take for settings too.
func parse(raw []byte) (map[string]string, error) {
	out := map[string]string{}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	var root, more yaml.Node
	err := decoder.Decode(&root)
	if errors.Is(err, io.EOF) {
		return out, nil
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one document")
	}
	known := map[string]Setting{}
	for _, s := range Settings() {
		known[s.Key] = s
	}
	if len(root.Content) > 0 && root.Content[0].Tag != "!!null" {
		err = flatten(root.Content[0], "", known, out)
	}
	return out, err
}

func flatten(n *yaml.Node, at string, known map[string]Setting, out map[string]string) error {
	if n.Kind != yaml.MappingNode {
		return enter(n, at, known, out)
	}
	if len(n.Content) == 0 && at != "" {
		return fmt.Errorf("line %d: %s is empty", n.Line, at)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i].Value
		if at != "" {
			k = at + "." + k
		}
		if err := flatten(n.Content[i+1], k, known, out); err != nil {
			return err
		}
	}
	return nil
}

// enter adds one setting.
func enter(n *yaml.Node, k string, known map[string]Setting, out map[string]string) error {
	if k == "" {
		return fmt.Errorf("line %d: settings are wanted, as key: value", n.Line)
	}
	s, ok := known[k]
	if !ok {
		return fmt.Errorf("line %d: %s is no setting of Regent's", n.Line, k)
	}
	if _, twice := out[k]; twice {
		return fmt.Errorf("line %d: %s is set twice", n.Line, k)
	}
	value := n.Value
	switch {
	case n.Kind == yaml.SequenceNode && s.List:
		items := make([]string, len(n.Content))
		for i, item := range n.Content {
			if item.Kind != yaml.ScalarNode || strings.Contains(item.Value, ",") {
				return fmt.Errorf("line %d: %s is not a list of words", item.Line, k)
			}
			items[i] = item.Value
		}
		value = strings.Join(items, ",")
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
		return fmt.Errorf("line %d: %s has no value", n.Line, k)
	}
	out[k] = value
	return nil
}

// check refuses settings that do not go together.
func (c *Config) check() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case c.MasterKey != "" && c.MasterKeyFile != "":
		return fmt.Errorf("%s and --master-key-file exclude each other", envMasterKey)
	case (c.RootKeyID == "") != (c.RootSecret == ""):
		return fmt.Errorf("%s and %s go together", envRootKeyID, envRootSecret)
	case c.Data == "":
		return errors.New("--data is empty")
	}
	return c.checkAddress()
}

// checkAddress refuses to serve others without TLS, and to serve them the demo
// or what only tests want at all (TH-106, TH-107).
func (c *Config) checkAddress() error {
	host, port, err := splitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", c.Listen, err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("--listen %s: %q is no port", c.Listen, port)
	}
	if loopback(host) {
		return nil
	}
	switch {
	case c.Demo:
		return fmt.Errorf("--demo serves this machine only, and %s can be reached by others", c.Listen)
	case c.Dev:
		return fmt.Errorf("--dev serves this machine only, and %s can be reached by others", c.Listen)
	case c.TLSCert == "" && !c.AllowPlainHTTP:
		return fmt.Errorf("%s can be reached by others: give --tls-cert and --tls-key, or --allow-plain-http where something in front speaks TLS", c.Listen)
	}
	return nil
}

// loopback reports whether only this machine reaches the host.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func splitHostPort(address string) (host, port string, err error) {
	i := strings.LastIndexByte(address, ':')
	if i < 0 {
		return "", "", errors.New("an address is host:port")
	}
	host, port = address[:i], address[i+1:]
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	return host, port, nil
}
