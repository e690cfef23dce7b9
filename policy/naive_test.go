package policy_test

import (
	"encoding/base64"
	"math/big"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy"
)

// This file is a second evaluator: it reads documents as they are written,
// compiles and indexes nothing, and follows the text of the rules. The engine
// has to agree with it.

// A naiveEngine decides one request; bindings are those of every document.
type naiveEngine struct {
	layers   *policy.Layers
	request  *policy.Request
	caller   policy.Principal
	bindings map[string]string
}

func naiveDecide(l *policy.Layers, r *policy.Request, bindings map[string]string) policy.Outcome {
	n := &naiveEngine{layers: l, request: r, bindings: bindings}
	if r.Principal != nil {
		n.caller = *r.Principal
	}
	return n.decide()
}

func (n *naiveEngine) decide() policy.Outcome {
	l, p := n.layers, n.caller
	member := p.Account != "" && (p.Kind == policy.Root || p.Kind == policy.User || p.Kind == policy.RoleSession || p.Kind == policy.FederatedUser)
	ordinary := member && p.Kind != policy.Root
	same := member && p.Account == n.request.ResourceAccount

	var denying []*policy.Policy
	denying = append(denying, slices.Concat(l.RCP...)...)
	denying = append(denying, l.Resource...)
	if member {
		denying = append(denying, slices.Concat(l.SCP...)...)
		denying = append(denying, l.Session...)
	}
	if ordinary {
		denying = append(denying, l.Identity...)
		if l.Boundary != nil {
			denying = append(denying, l.Boundary)
		}
	}
	for _, d := range denying {
		if d == nil || d.Unusable() != nil || n.grant(d, policy.EffectDeny) > 0 {
			return policy.ExplicitDeny
		}
	}
	rb := n.best(l.Resource)
	if l.RestrictPublic && p.Kind != policy.Service && !same {
		for _, d := range l.Resource {
			if d.Source().Type == policy.Bucket && n.grant(d, policy.EffectAllow) > 0 {
				return policy.ExplicitDeny
			}
		}
	}
	if member {
		for _, level := range l.SCP {
			if n.best(level) == 0 {
				return policy.ImplicitDeny
			}
		}
	}
	id := n.best(l.Identity) > 0 || p.Kind == policy.Root
	pb := !ordinary || (!l.HasBoundary && l.Boundary == nil) || l.Boundary != nil && n.best([]*policy.Policy{l.Boundary}) > 0
	sp := n.best(l.Session) > 0 || !l.HasSession && len(l.Session) == 0 && p.Kind != policy.FederatedUser
	allowed := false
	switch {
	case !member:
		allowed = rb > 0
	case p.Kind == policy.Root && l.Trust:
	case p.Kind == policy.Root && same:
		allowed = sp
	case !same:
		allowed = rb > 0 && id && pb && sp
	case rb == 3 && !l.Trust:
		allowed = true
	case rb >= 2 && pb && sp:
		allowed = true
	case id && pb && sp:
		allowed = !l.Trust || rb > 0
	}
	if allowed {
		return policy.Allow
	}
	return policy.ImplicitDeny
}

func (n *naiveEngine) best(policies []*policy.Policy) int {
	best := 0
	for _, d := range policies {
		if d != nil && d.Unusable() == nil {
			best = max(best, n.grant(d, policy.EffectAllow))
		}
	}
	return best
}

// grant is 0 for no matching statement of the effect, else 1 account, 2 role, 3 direct.
func (n *naiveEngine) grant(p *policy.Policy, effect policy.Effect) int {
	best := 0
	for _, s := range p.Document().Statements {
		if s.Effect == effect && n.action(&s) && n.resource(&s, p) && n.conditions(&s, p.Document().Variables()) {
			best = max(best, n.principal(&s, p.Source().Type))
		}
	}
	return best
}

func (n *naiveEngine) action(s *policy.Statement) bool {
	if !s.HasAction {
		return s.Effect == policy.EffectDeny
	}
	want := arn.Fold(n.request.Action)
	service, name, ok := strings.Cut(want, ":")
	hit := slices.ContainsFunc(s.Actions, func(v policy.Value) bool {
		pattern := arn.Fold(v.Text)
		if pattern == "*" || pattern == "*:*" {
			return true
		}
		a, b, colon := strings.Cut(pattern, ":")
		return colon && ok && a != "" && naiveMatch(symbolsOf(a, true), service) && naiveMatch(symbolsOf(b, true), name)
	})
	return hit != s.NotAction
}

func (n *naiveEngine) resource(s *policy.Statement, p *policy.Policy) bool {
	if !s.HasResource {
		return p.Source().Type == policy.Trust || s.Effect == policy.EffectDeny
	}
	hit := slices.ContainsFunc(s.Resources, func(v policy.Value) bool {
		if v.Text == "*" {
			return true
		}
		if n.request.Wildcard {
			return false
		}
		has := strings.SplitN(n.request.Resource, ":", 6)
		want := strings.SplitN(v.Text, ":", 6)
		if len(has) < 6 || has[0] != "arn" {
			return false
		}
		pads := map[policy.Kind]bool{
			policy.Identity: true, policy.Boundary: true, policy.Session: true,
			policy.Trust: strings.Contains(v.Text, "*"), policy.Resource: strings.Contains(v.Text, "*"), policy.Bucket: strings.Contains(v.Text, "*"),
			policy.SCP: strings.HasSuffix(v.Text, "*"),
		}
		variables := p.Document().Variables() && len(want) == 6
		for len(want) < 6 {
			if !pads[p.Source().Type] {
				return false
			}
			want = append(want, "*")
		}
		for i := range 5 {
			if !naiveMatch(symbolsOf(want[i], true), has[i]) {
				return false
			}
		}
		symbols, ok := n.expand(want[5], true, variables)
		return ok && naiveMatch(symbols, has[5])
	})
	return hit != s.NotResource
}

func (n *naiveEngine) principal(s *policy.Statement, kind policy.Kind) int {
	personal := kind == policy.Trust || kind == policy.Resource || kind == policy.Bucket || kind == policy.RCP
	e := s.Principal
	switch {
	case !personal && (e == nil || s.Effect == policy.EffectDeny):
		return 3
	case !personal:
		return 0
	case e == nil:
		return map[policy.Effect]int{policy.EffectDeny: 3}[s.Effect]
	}
	best := 0
	listed := map[string]bool{}
	for _, entry := range e.Entries {
		g, what := n.entry(entry, s.Effect)
		best = max(best, g)
		if g > 0 {
			listed[what] = true
		}
	}
	if !e.Not {
		return best
	}
	if s.Effect == policy.EffectAllow {
		return 0
	}
	spared := listed["other"]
	switch n.caller.Kind {
	case policy.Root:
		spared = spared || listed["account"]
	case policy.User:
		spared = spared || listed["account"] && listed["entity"]
	case policy.RoleSession, policy.FederatedUser:
		spared = spared || listed["account"] && listed["entity"] && listed["session"]
	}
	bounded := (n.layers.HasBoundary || n.layers.Boundary != nil) && n.caller.Account != "" &&
		(n.caller.Kind == policy.User || n.caller.Kind == policy.RoleSession || n.caller.Kind == policy.FederatedUser)
	if spared && !bounded {
		return 0
	}
	return 3
}

func (n *naiveEngine) entry(e policy.PrincipalEntry, effect policy.Effect) (int, string) {
	p, text := n.caller, e.Value.Text
	yes := func(ok bool, grant int, what string) (int, string) {
		if ok {
			return grant, what
		}
		return 0, what
	}
	member := p.Account != "" && (p.Kind == policy.Root || p.Kind == policy.User || p.Kind == policy.RoleSession || p.Kind == policy.FederatedUser)
	entity := map[policy.PrincipalKind]int{policy.User: 3, policy.RoleSession: 2, policy.FederatedUser: 2}[p.Kind]
	switch e.Type {
	case "Service":
		return yes(p.Kind == policy.Service && slices.Contains(p.Services, text), 3, "other")
	case "Federated":
		return yes(p.Kind == policy.Federated && p.Provider != "" && p.Provider == text, 3, "other")
	case "CanonicalUser":
		return yes(member && p.Canonical != "" && p.Canonical == text, 1, "account")
	}
	if text == "*" {
		return 3, "other"
	}
	parts := strings.Split(text, ":")
	switch {
	case len(text) == 12 && strings.Trim(text, "0123456789") == "":
		return yes(member && p.Account == text, 1, "account")
	case strings.HasPrefix(text, "AIDA") || strings.HasPrefix(text, "AROA"):
		return yes(p.ID == text, entity, "entity")
	case len(parts) != 6 || strings.ContainsAny(text, "*?"):
		return 0, ""
	case parts[5] == "root":
		return yes(member && p.Account == parts[4], 1, "account")
	case strings.HasPrefix(parts[5], "user/") || strings.HasPrefix(parts[5], "role/"):
		if id, bound := n.bindings[text]; bound {
			return yes(p.ID != "" && p.ID == id, entity, "entity")
		}
		return yes(effect == policy.EffectDeny && (p.Kind == policy.User && p.ARN == text || p.Issuer == text), entity, "unbound")
	case strings.HasPrefix(parts[5], "assumed-role/") || strings.HasPrefix(parts[5], "federated-user/"):
		return yes((p.Kind == policy.RoleSession || p.Kind == policy.FederatedUser) && p.ARN == text, 3, "session")
	}
	return 0, ""
}

// A symbol is a character of a pattern, or a wildcard.
type symbol struct {
	r    rune
	wild bool
}

func symbolsOf(text string, wild bool) []symbol {
	var out []symbol
	for _, r := range text {
		out = append(out, symbol{r, wild && (r == '*' || r == '?')})
	}
	return out
}

func naiveMatch(pattern []symbol, text string) bool {
	s := []rune(text)
	row := make([]bool, len(s)+1)
	row[0] = true
	for _, c := range pattern {
		next := make([]bool, len(s)+1)
		for j := range next {
			if c.wild && c.r == '*' {
				next[j] = row[j] || j > 0 && next[j-1]
			} else if j > 0 {
				next[j] = row[j-1] && (c.wild || c.r == s[j-1])
			}
		}
		row = next
	}
	return row[len(s)]
}

// expand replaces variables by literal symbols; not ok when one has no value.
func (n *naiveEngine) expand(text string, wild, variables bool) ([]symbol, bool) {
	if !variables {
		return symbolsOf(text, wild), true
	}
	var out []symbol
	for {
		i := strings.Index(text, "${")
		j := -1
		if i >= 0 {
			j = strings.Index(text[i:], "}")
		}
		if j < 0 {
			return append(out, symbolsOf(text, wild)...), true
		}
		out = append(out, symbolsOf(text[:i], wild)...)
		inner := text[i+2 : i+j]
		text = text[i+j+1:]
		value := inner
		if inner != "*" && inner != "?" && inner != "$" {
			var ok bool
			if value, ok = n.variable(inner); !ok {
				return nil, false
			}
		}
		out = append(out, symbolsOf(value, false)...)
	}
}

func (n *naiveEngine) variable(inner string) (string, bool) {
	key, fallback, hasDefault := strings.Cut(inner, ",")
	key, fallback = strings.TrimSpace(key), strings.TrimSpace(fallback)
	if key == "" {
		return "", false
	}
	if hasDefault && (len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'') {
		return "", false
	}
	values, multi, present := n.request.Context.Lookup(key)
	switch {
	case present && multi:
		return "", false
	case present:
		return values[0], true
	case hasDefault:
		return fallback[1 : len(fallback)-1], true
	}
	return "", false
}

func (n *naiveEngine) conditions(s *policy.Statement, variables bool) bool {
	for _, c := range s.Conditions {
		if !n.condition(c, variables) {
			return false
		}
	}
	return true
}

func (n *naiveEngine) condition(c policy.Condition, variables bool) bool {
	op := arn.Fold(c.Operator)
	op, all := strings.CutPrefix(op, "forallvalues:")
	op, some := strings.CutPrefix(op, "foranyvalue:")
	op, ifExists := strings.CutSuffix(op, "ifexists")
	values, multi, present := n.request.Context.Lookup(c.Key)
	negated := op != "null" && strings.Contains(op, "not")
	op = strings.Replace(op, "not", "", 1)
	switch {
	case op == "null":
		return slices.ContainsFunc(c.Values, func(v policy.Value) bool {
			want := arn.Fold(v.Text)
			return want == "true" && !present || want == "false" && present
		})
	case !present && (ifExists || all):
		return true
	case !present:
		return negated && !some
	case multi && !all && !some:
		return false
	}
	one := func(value string) bool { return n.compare(op, negated, value, c.Values, variables) }
	if some {
		return slices.ContainsFunc(values, one)
	}
	return !slices.ContainsFunc(values, func(v string) bool { return !one(v) })
}

// compare is one value of the request against all of the document's.
func (n *naiveEngine) compare(op string, negated bool, value string, wants []policy.Value, variables bool) bool {
	matched := false
	for _, want := range wants {
		hit, comparable := n.pair(op, value, want.Text, variables)
		if !comparable && negated {
			return false
		}
		matched = matched || hit
	}
	if len(wants) == 0 {
		_, comparable := n.pair(op, value, value, false)
		return negated && comparable
	}
	return matched != negated
}

func (n *naiveEngine) pair(op, value, want string, variables bool) (hit, comparable bool) {
	switch {
	case strings.HasPrefix(op, "numeric"):
		a, ok1 := naiveNumber(value)
		b, ok2 := naiveNumber(want)
		return ok1 && ok2 && naiveOrder(strings.TrimPrefix(op, "numeric"), a.Cmp(b)), ok1 && ok2
	case strings.HasPrefix(op, "date"):
		a, ok1 := naiveDate(value)
		b, ok2 := naiveDate(want)
		return ok1 && ok2 && naiveOrder(strings.TrimPrefix(op, "date"), a.Cmp(b)), ok1 && ok2
	case op == "binaryequals":
		a, err1 := base64.StdEncoding.DecodeString(value)
		b, err2 := base64.StdEncoding.DecodeString(want)
		return err1 == nil && err2 == nil && string(a) == string(b), err1 == nil && err2 == nil
	case op == "ipaddress":
		ip := net.ParseIP(value)
		if !strings.Contains(want, "/") {
			want += map[bool]string{true: "/128", false: "/32"}[strings.Contains(want, ":")]
		}
		_, block, err := net.ParseCIDR(want)
		if ip == nil || err != nil {
			return false, false
		}
		return strings.Contains(value, ":") == strings.Contains(want, ":") && block.Contains(ip), true
	case op == "arnequals" || op == "arnlike":
		return n.arnPair(value, want, variables)
	case op == "bool":
		symbols, ok := n.expand(want, false, variables)
		b := arn.Fold(value)
		return ok && (b == "true" || b == "false") && b == arn.Fold(textOf(symbols)), true
	}
	symbols, ok := n.expand(want, op == "stringlike", variables)
	if !ok {
		return false, true
	}
	if op == "stringequalsignorecase" {
		return arn.Fold(textOf(symbols)) == arn.Fold(value), true
	}
	return naiveMatch(symbols, value), true
}

func textOf(symbols []symbol) string {
	var b strings.Builder
	for _, s := range symbols {
		b.WriteRune(s.r)
	}
	return b.String()
}

func (n *naiveEngine) arnPair(value, want string, variables bool) (hit, comparable bool) {
	has := strings.SplitN(value, ":", 6)
	if len(has) < 6 || has[0] != "arn" {
		return false, false
	}
	if want == "*" {
		return true, true
	}
	// Colons inside "${…}" belong to the variable.
	var wants []string
	depth, start := 0, 0
	for i := 0; i < len(want) && len(wants) < 5; i++ {
		switch {
		case variables && strings.HasPrefix(want[i:], "${") && strings.Contains(want[i:], "}"):
			depth++
		case depth > 0 && want[i] == '}':
			depth = 0
		case depth == 0 && want[i] == ':':
			wants = append(wants, want[start:i])
			start = i + 1
		}
	}
	wants = append(wants, want[start:])
	if len(wants) < 6 || wants[0] == "" {
		return false, false
	}
	for i := range wants {
		symbols, ok := n.expand(wants[i], true, variables)
		if !ok {
			return false, true
		}
		if !naiveMatch(symbols, has[i]) {
			return false, true
		}
	}
	return true, true
}

func naiveNumber(s string) (*big.Rat, bool) {
	if strings.ContainsAny(s, "/_xXbBoOpP") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func naiveOrder(op string, order int) bool {
	return map[string]bool{
		"equals": order == 0, "lessthan": order < 0, "lessthanequals": order <= 0, "greaterthan": order > 0, "greaterthanequals": order >= 0,
	}[op]
}

func naiveDate(s string) (*big.Rat, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) != 4 {
		return new(big.Rat).SetInt64(n), true
	}
	for _, layout := range []string{
		"2006", "2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04", "2006-01-02T15:04:05",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			r := new(big.Rat).SetInt64(t.Unix())
			return r.Add(r, big.NewRat(int64(t.Nanosecond()), 1_000_000_000)), true
		}
	}
	return nil, false
}
