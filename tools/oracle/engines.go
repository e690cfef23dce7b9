package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/regent-iam/regent/policy"
)

var errGone = errors.New("the oracle is gone")

func kindOf(name string) policy.PrincipalKind {
	switch name {
	case "user":
		return policy.User
	case "session":
		return policy.RoleSession
	case "federated-user":
		return policy.FederatedUser
	case "root":
		return policy.Root
	case "service":
		return policy.Service
	default:
		return policy.Anonymous
	}
}

// ours decides c with Regent's engine.
func ours(c *Case) (policy.Decision, error) {
	layers, request, err := prepare(c)
	if err != nil {
		return policy.Decision{}, err
	}
	return layers.Decide(request), nil
}

func prepare(c *Case) (*policy.Layers, *policy.Request, error) {
	var problem error
	compile := func(d *Document, kind policy.Kind) *policy.Policy {
		text, err := json.Marshal(d)
		if err != nil {
			problem = errors.Join(problem, err)
			return nil
		}
		doc, err := policy.Parse(string(text))
		if err != nil {
			problem = errors.Join(problem, fmt.Errorf("%w in %s", err, text))
			return nil
		}
		return policy.Compile(doc, policy.Source{Type: kind}, bindings())
	}
	list := func(docs []Document, kind policy.Kind) (out []*policy.Policy) {
		for i := range docs {
			out = append(out, compile(&docs[i], kind))
		}
		return out
	}
	layers := &policy.Layers{Trust: c.Trust, Identity: list(c.Identity, policy.Identity)}
	for _, level := range c.SCP {
		layers.SCP = append(layers.SCP, list(level, policy.SCP))
	}
	for _, level := range c.RCP {
		layers.RCP = append(layers.RCP, list(level, policy.RCP))
	}
	if c.Boundary != nil {
		layers.Boundary = compile(c.Boundary, policy.Boundary)
	}
	if c.Session != nil {
		layers.Session = []*policy.Policy{compile(c.Session, policy.Session)}
	}
	if c.Policy != nil {
		kind := policy.Resource
		if c.Trust {
			kind = policy.Trust
		}
		layers.Resource = []*policy.Policy{compile(c.Policy, kind)}
	}
	keys := new(policy.Context)
	for _, k := range c.Context {
		if k.Multi {
			keys.SetMulti(k.Name, k.Values)
		} else {
			keys.Set(k.Name, k.Values[0])
		}
	}
	p := &policy.Principal{Kind: kindOf(c.Principal.Kind), Account: c.Principal.Account, ARN: c.Principal.ARN, ID: c.Principal.ID, Issuer: c.Principal.Issuer}
	if p.Kind == policy.Service {
		p.Services, p.ARN = []string{p.ARN}, ""
	}
	return layers, &policy.Request{
		Principal: p, Action: c.Action, Resource: c.Resource, ResourceAccount: c.ResourceAccount, Wildcard: c.Wildcard, Context: keys,
	}, problem
}

// An answer is what the oracle says of a simulation.
type answer struct {
	ID      int      `json:"id"`
	Outcome string   `json:"outcome"` // in the spelling of policy.Outcome
	Refused string   `json:"refused"` // why the oracle does not answer
	Ignored []string `json:"ignored"` // keys of the request that it left out of account
}

// An oracle is the outside simulator, in a process of its own. Many goroutines may ask it.
type oracle struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	writing sync.Mutex // apart from mu: while a write waits for the process, answers are read

	mu      sync.Mutex
	next    int
	waiting map[int]chan answer
	err     error
}

func startOracle(ctx context.Context, node, script string) (*oracle, error) {
	o := &oracle{cmd: exec.CommandContext(ctx, node, script), waiting: map[int]chan answer{}}
	o.cmd.Stderr = os.Stderr
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := o.cmd.Start(); err != nil {
		return nil, err
	}
	go o.read(out)
	return o, nil
}

func (o *oracle) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<24)
	problem := errGone
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			problem = fmt.Errorf("the oracle's answer: %w", err)
			break
		}
		o.mu.Lock()
		waiting := o.waiting[a.ID]
		delete(o.waiting, a.ID)
		o.mu.Unlock()
		if waiting != nil {
			waiting <- a
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = errors.Join(problem, lines.Err())
	for _, waiting := range o.waiting {
		close(waiting)
	}
	o.waiting = nil
}

// ask sends c to the oracle and waits for its answer.
func (o *oracle) ask(c *Case) (answer, error) {
	waiting := make(chan answer, 1)
	if err := o.send(c, waiting); err != nil {
		return answer{}, err
	}
	a, ok := <-waiting
	if !ok {
		o.mu.Lock()
		defer o.mu.Unlock()
		return answer{}, o.err
	}
	return a, nil
}

func (o *oracle) send(c *Case, waiting chan answer) error {
	id, err := o.expect(waiting)
	if err != nil {
		return err
	}
	line, err := json.Marshal(map[string]any{"id": id, "simulation": simulation(c)})
	if err != nil {
		return err
	}
	o.writing.Lock()
	defer o.writing.Unlock()
	_, err = o.in.Write(append(line, '\n'))
	return err
}

func (o *oracle) expect(waiting chan answer) (id int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	o.next++
	o.waiting[o.next] = waiting
	return o.next, nil
}

func (o *oracle) stop() error {
	return errors.Join(o.in.Close(), o.cmd.Wait())
}

// simulation is c as the oracle's documentation describes its input.
func simulation(c *Case) map[string]any {
	keys := map[string]any{}
	for _, k := range c.Context {
		if k.Multi {
			keys[k.Name] = k.Values
		} else {
			keys[k.Name] = k.Values[0]
		}
	}
	identity := named(c.Identity)
	if c.Principal.Kind == "root" { // the oracle does not know what root may do: it is told (EV-50)
		identity = named([]Document{everything()})
	}
	out := map[string]any{
		"request": map[string]any{
			"principal": c.Principal.ARN, "action": c.Action, "contextVariables": keys,
			"resource": map[string]string{"resource": c.Resource, "accountId": c.ResourceAccount},
		},
		"identityPolicies":        identity,
		"serviceControlPolicies":  levels(c.SCP),
		"resourceControlPolicies": levels(c.RCP),
	}
	if c.Policy != nil {
		out["resourcePolicy"] = c.Policy
	}
	if c.Boundary != nil {
		out["permissionBoundaryPolicies"] = named([]Document{*c.Boundary})
	}
	if c.Session != nil {
		out["sessionPolicy"] = c.Session
	}
	return out
}

func named(docs []Document) []map[string]any {
	out := []map[string]any{}
	for i, d := range docs {
		out = append(out, map[string]any{"name": fmt.Sprint("policy-", i), "policy": d})
	}
	return out
}

func levels(levels [][]Document) []map[string]any {
	out := []map[string]any{}
	for i, level := range levels {
		out = append(out, map[string]any{"orgIdentifier": fmt.Sprint("level-", i), "policies": named(level)})
	}
	return out
}
