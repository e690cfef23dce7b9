package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// root is the repository.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// program is the program that "make build" made.
func program(t testing.TB) string {
	t.Helper()
	name := filepath.Join(root(t), "bin", "regent")
	if _, err := os.Stat(name); err != nil {
		t.Fatalf("run make build first: %v", err)
	}
	return name
}

// environment is this process's without what would reach AWS or steer Regent.
func environment(extra ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "REGENT_") && !strings.HasPrefix(e, "AWS_") {
			env = append(env, e)
		}
	}
	return append(env, extra...)
}

// A process is a running "regent serve".
type process struct {
	URL, Data string
	stdout    string // what it had printed when it was ready

	cmd  *exec.Cmd
	logs *bytes.Buffer
}

var listening = regexp.MustCompile(`Regent serves (https?://[0-9.:\[\]]+)`)

// start starts a server on a free port and waits until it serves.
func start(t testing.TB, data string, flags ...string) *process {
	t.Helper()
	p, err := launch(program(t), data, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("stopping regent: %v\n%s", err, p.logs)
		}
	})
	return p
}

func launch(path, data string, flags ...string) (*process, error) {
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data}, flags...)
	p := &process{Data: data, cmd: exec.Command(path, args...), logs: new(bytes.Buffer)}
	p.cmd.Env = environment()
	p.cmd.Stderr = p.logs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	for p.URL == "" {
		line, err := lines.ReadString('\n')
		p.stdout += line
		if m := listening.FindStringSubmatch(line); m != nil {
			p.URL = strings.TrimSuffix(m[1], ".")
		} else if err != nil {
			return nil, errors.Join(fmt.Errorf("regent ended before it served: %w\n%s%s", err, p.stdout, p.logs), p.cmd.Wait())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return p, nil
}

// stop ends the server as an operator would, and fails if it did not end well.
func (p *process) stop() error {
	if p.cmd == nil {
		return nil
	}
	cmd := p.cmd
	p.cmd = nil
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return cmd.Wait()
}

// kill ends the server as a power cut would.
func (p *process) kill() {
	cmd := p.cmd
	p.cmd = nil
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed; that is what Wait says
}

// dev calls an endpoint of --dev and decodes the answer.
func (p *process) dev(t testing.TB, path, body string) map[string]string {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(p.Data, "dev", "token"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/_regent/dev/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("dev/%s: %s: %s", path, answer.Status, raw)
	}
	out := map[string]string{}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("dev/%s: %v: %s", path, err, raw)
	}
	return out
}

// advance moves the server's clock on.
func (p *process) advance(t testing.TB, d time.Duration) {
	t.Helper()
	p.dev(t, "clock", fmt.Sprintf(`{"advance":%q}`, d))
}

// A person has a home with the files that the AWS CLI reads, and nothing else
// of this machine's.
type person struct {
	t      testing.TB
	server *process
	home   string
	env    []string
}

// newPerson returns a person without any credentials.
func newPerson(t testing.TB, server *process) *person {
	t.Helper()
	home := t.TempDir()
	p := &person{t: t, server: server, home: home}
	p.env = environment(
		"HOME="+home, "AWS_CONFIG_FILE="+filepath.Join(home, "config"),
		"AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(home, "credentials"),
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "PYTHONWARNINGS=ignore",
	)
	return p
}

// profile adds a profile to the configuration, with more lines as given.
func (p *person) profile(name string, lines ...string) {
	p.t.Helper()
	p.add("config", fmt.Sprintf("[profile %s]\nregion = us-east-1\nendpoint_url = %s\n%s\n", name, p.server.URL, strings.Join(lines, "\n")))
}

// keys adds a profile with an access key.
func (p *person) keys(name, id, secret string) {
	p.t.Helper()
	p.profile(name)
	p.add("credentials", fmt.Sprintf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", name, id, secret))
}

func (p *person) add(file, text string) {
	p.t.Helper()
	f, err := os.OpenFile(filepath.Join(p.home, file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := f.WriteString(text + "\n"); err != nil {
		p.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// forget removes the sessions that the CLI cached.
func (p *person) forget() {
	p.t.Helper()
	if err := os.RemoveAll(filepath.Join(p.home, ".aws", "cli", "cache")); err != nil {
		p.t.Fatal(err)
	}
}

// run runs the AWS CLI and returns what it printed.
func (p *person) run(profile string, args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(root(p.t), ".venv", "bin", "aws"), append(args, "--profile", profile, "--output", "json")...)
	var out, failure bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = p.env, p.home, &out, &failure
	err = cmd.Run()
	return out.String(), failure.String(), err
}

// aws runs a command that must succeed.
func (p *person) aws(profile string, args ...string) string {
	p.t.Helper()
	stdout, stderr, err := p.run(profile, args...)
	if err != nil {
		p.t.Fatalf("aws %s --profile %s: %v\n%s", strings.Join(args, " "), profile, err, stderr)
	}
	return stdout
}

// get runs a command that must succeed and returns one value of its answer,
// found by a JMESPath query.
func (p *person) get(profile, query string, args ...string) string {
	p.t.Helper()
	out := p.aws(profile, append(args, "--query", query)...)
	var value any
	if err := json.Unmarshal([]byte(out), &value); err != nil {
		p.t.Fatalf("aws %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return fmt.Sprint(value)
}

// refused runs a command that must fail, with all of want in what it says.
func (p *person) refused(profile string, want []string, args ...string) {
	p.t.Helper()
	stdout, stderr, err := p.run(profile, args...)
	if err == nil {
		p.t.Errorf("aws %s --profile %s succeeded: %s", strings.Join(args, " "), profile, stdout)
		return
	}
	for _, w := range want {
		if !strings.Contains(stderr, w) {
			p.t.Errorf("aws %s --profile %s says\n%s\nwant %q in it", strings.Join(args, " "), profile, strings.TrimSpace(stderr), w)
		}
	}
}

// newKey makes an access key for a user and a profile of the user's name.
func (p *person) newKey(admin, user string) {
	p.t.Helper()
	out := p.aws(admin, "iam", "create-access-key", "--user-name", user)
	var answer struct {
		AccessKey struct{ AccessKeyId, SecretAccessKey string }
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		p.t.Fatal(err)
	}
	p.keys(user, answer.AccessKey.AccessKeyId, answer.AccessKey.SecretAccessKey)
}

// rootKeys reads the root key that the first start wrote.
func rootKeys(t testing.TB, data string) (id, secret string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(data, "root-credentials"))
	if err != nil {
		t.Fatal(err)
	}
	find := func(name string) string {
		m := regexp.MustCompile(name + ` = (\S+)`).FindSubmatch(raw)
		if m == nil {
			t.Fatalf("no %s in root-credentials", name)
		}
		return string(m[1])
	}
	return find("aws_access_key_id"), find("aws_secret_access_key")
}

// A company is the journey's two accounts with their administrators, made
// with nothing but the AWS CLI.
type company struct {
	*person
	prod, dev string // account ids
}

// newCompany makes prod and dev by Organizations, and an administrator in each
// by the role that CreateAccount leaves: profiles prod-admin and dev-admin.
func newCompany(t testing.TB, server *process) *company {
	t.Helper()
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)
	c := &company{person: p}
	p.aws("root", "organizations", "create-organization", "--feature-set", "ALL")
	p.aws("root", "iam", "create-user", "--user-name", "founder")
	p.aws("root", "iam", "attach-user-policy", "--user-name", "founder", "--policy-arn", "arn:aws:iam::aws:policy/AdministratorAccess")
	p.newKey("root", "founder")
	c.prod, c.dev = c.newAccount("prod"), c.newAccount("dev")
	return c
}

var once sync.Mutex

// newAccount makes a member account and its administrator.
func (c *company) newAccount(name string) string {
	c.t.Helper()
	once.Lock()
	defer once.Unlock()
	request := c.get("root", "CreateAccountStatus.Id", "organizations", "create-account", "--account-name", name, "--email", name+"@example.com")
	state := c.get("root", "CreateAccountStatus.[State,AccountId]", "organizations", "describe-create-account-status", "--create-account-request-id", request)
	m := regexp.MustCompile(`^\[SUCCEEDED (\d{12})\]$`).FindStringSubmatch(state)
	if m == nil {
		c.t.Fatalf("create-account %s: %s", name, state)
	}
	id := m[1]
	c.profile(name+"-guest", "role_arn = arn:aws:iam::"+id+":role/OrganizationAccountAccessRole", "source_profile = founder")
	admin := name + "-admin"
	c.aws(name+"-guest", "iam", "create-user", "--user-name", admin)
	c.aws(name+"-guest", "iam", "attach-user-policy", "--user-name", admin, "--policy-arn", "arn:aws:iam::aws:policy/AdministratorAccess")
	c.newKey(name+"-guest", admin)
	return id
}
