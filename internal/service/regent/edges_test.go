package regent_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// memberRole is the role of the member account that worlds are about.
const memberRole = "arn:aws:iam::" + member + ":role/target"

// allEdges reads all pages of the edges into a role. More is given with each call.
func allEdges(t testing.TB, h *servicetest.Harness, actor, role string, page int, more ...string) []api.TrustEdge {
	t.Helper()
	var edges []api.TrustEdge
	parameters := append([]string{"RoleArn", role, "MaxItems:", fmt.Sprint(page)}, more...)
	first := len(parameters)
	for {
		var out api.ListTrustEdgesOutput
		if err := json.Unmarshal([]byte(h.As(actor).Call("regent", "ListTrustEdges", parameters...).OK().Body), &out); err != nil {
			t.Fatal(err)
		}
		if len(out.Edges) > page {
			t.Fatalf("a page has %d edges and not %d", len(out.Edges), page)
		}
		edges = append(edges, out.Edges...)
		if out.Marker == "" {
			return edges
		}
		parameters = append(parameters[:first:first], "Marker", out.Marker)
	}
}

// A try is what a caller of AssumeRole chooses.
type try struct {
	id, name, source, team string
	mfa                    bool
}

// assumes reports whether an actor of a world gets a session of the target.
func (w *trustWorld) assumes(actor string, c try) bool {
	if c.mfa {
		actor += " with a code"
	}
	if c.name == "" {
		c.name = "analysis"
	}
	parameters := []string{"RoleArn", memberRole, "RoleSessionName", c.name}
	if c.id != "" {
		parameters = append(parameters, "ExternalId", c.id)
	}
	if c.source != "" {
		parameters = append(parameters, "SourceIdentity", c.source)
	}
	if c.team != "" {
		parameters = append(parameters, "Tags.member.1.Key", "Team", "Tags.member.1.Value", c.team)
	}
	return w.h.As(actor).Call("sts", "AssumeRole", parameters...).Status == 200
}

// tryOf is what the conditions of an edge ask for.
func tryOf(t *rapid.T, e api.TrustEdge) (c try) {
	for _, condition := range e.Conditions {
		switch condition.Key {
		case "sts:ExternalId":
			c.id = condition.Value
		case "sts:RoleSessionName":
			c.name = condition.Value
		case "sts:SourceIdentity":
			c.source = condition.Value
		case "aws:RequestTag/Team":
			c.team = condition.Value
		case "aws:MultiFactorAuthPresent":
			c.mfa = true
		default:
			t.Fatalf("a condition that nobody asked for: %+v", condition)
		}
	}
	return c
}

// A trustWorld is a member account with a role and those who may assume it.
type trustWorld struct {
	h      *servicetest.Harness
	actors map[string]string // ARN → actor
	log    []string
}

func (w *trustWorld) call(service, operation string, parameters ...string) {
	w.log = append(w.log, operation+" "+strings.Join(parameters, " "))
	w.h.As("member").Call(service, operation, parameters...).OK()
}

var worldConditions = []string{
	`{}`, `{}`, `{"StringEquals":{"sts:ExternalId":"ext-1"}}`, `{"StringNotEquals":{"sts:ExternalId":["ext-1","ext-2"]}}`,
	`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`,
	`{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}}`, `{"StringEquals":{"aws:PrincipalTag/Team":"red"}}`,
	`{"StringEquals":{"aws:RequestTag/Team":"blue"}}`, `{"StringEquals":{"sts:SourceIdentity":["ann","ben"]}}`,
	`{"Null":{"sts:SourceIdentity":"true"}}`, `{"StringNotEquals":{"aws:RequestTag/Team":"blue"}}`,
	`{"StringEquals":{"sts:ExternalId":"ext-1"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, `{"Null":{"sts:ExternalId":"false"}}`,
}

const worldActions = `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`

// worldStatement draws a statement; before is what it has beside the rest.
func worldStatement(r *rapid.T, before string) string {
	return fmt.Sprintf(`{%s"Effect":%q,"Action":%s,"Condition":%s}`, before,
		rapid.SampledFrom([]string{"Allow", "Allow", "Allow", "Deny"}).Draw(r, "effect"),
		rapid.SampledFrom([]string{worldActions, worldActions, `"sts:AssumeRole"`}).Draw(r, "actions"),
		rapid.SampledFrom(worldConditions).Draw(r, "condition"))
}

func document(statements []string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func newTrustWorld(t *testing.T, r *rapid.T) *trustWorld {
	w := &trustWorld{h: world(t), actors: map[string]string{}}
	found(w.h)
	own := func() string {
		var statements []string
		for range rapid.IntRange(1, 2).Draw(r, "statements") {
			statements = append(statements, worldStatement(r, `"Resource":"`+rapid.SampledFrom([]string{"*", "*", memberRole, "arn:aws:iam::" + ours + ":role/*"}).Draw(r, "resource")+`",`))
		}
		return document(statements)
	}
	bound := document([]string{`{"Effect":"Allow","Action":` + worldActions + `,"Resource":"*","Condition":` + rapid.SampledFrom(worldConditions).Draw(r, "bound") + `}`})
	w.call("iam", "CreatePolicy", "PolicyName", "bound", "PolicyDocument", bound)
	boundary := func() []string {
		if rapid.IntRange(0, 3).Draw(r, "bounded") > 0 {
			return nil
		}
		return []string{"PermissionsBoundary", "arn:aws:iam::" + member + ":policy/bound"}
	}
	principals := []string{`"*"`, `"` + member + `"`, `"` + member + `"`}
	for _, name := range []string{"u0", "u1"} {
		w.h.User(name, member, "")
		arn := "arn:aws:iam::" + member + ":user/" + name
		w.actors[arn], principals = name, append(principals, `"`+arn+`"`)
		if rapid.Bool().Draw(r, "tagged") {
			w.call("iam", "TagUser", "UserName", name, "Tags.member.1.Key", "Team", "Tags.member.1.Value", "red")
		}
		if b := boundary(); b != nil {
			w.call("iam", "PutUserPermissionsBoundary", append([]string{"UserName", name}, b...)...)
		}
		if rapid.IntRange(0, 3).Draw(r, "policies") > 0 {
			w.call("iam", "PutUserPolicy", "UserName", name, "PolicyName", "p", "PolicyDocument", own())
		}
	}
	w.call("iam", "CreateRole", append([]string{"RoleName", "r0", "AssumeRolePolicyDocument", trust(member)}, boundary()...)...)
	w.actors["arn:aws:iam::"+member+":role/r0"], principals = "r0", append(principals, `"arn:aws:iam::`+member+`:role/r0"`)
	w.call("iam", "PutRolePolicy", "RoleName", "r0", "PolicyName", "p", "PolicyDocument", own())
	var statements []string
	for range rapid.IntRange(1, 3).Draw(r, "trusts") {
		statements = append(statements, worldStatement(r, `"Principal":{"AWS":`+rapid.SampledFrom(principals).Draw(r, "principal")+`},`))
	}
	w.call("iam", "CreateRole", "RoleName", "target", "AssumeRolePolicyDocument", document(statements))
	if rapid.IntRange(0, 2).Draw(r, "controlled") == 0 {
		text := strings.Replace(worldStatement(r, `"Resource":"*",`), `"Allow"`, `"Deny"`, 1)
		w.log = append(w.log, "control "+text)
		control(w.h, "SERVICE_CONTROL_POLICY", document([]string{text}))
	}
	if rapid.IntRange(0, 2).Draw(r, "resourceControlled") == 0 {
		text := strings.Replace(worldStatement(r, `"Principal":"*","Resource":"*",`), `"Allow"`, `"Deny"`, 1)
		w.log = append(w.log, "control "+text)
		control(w.h, "RESOURCE_CONTROL_POLICY", document([]string{text}))
	}
	w.h.Session("r0", member, "r0")
	w.h.View(func(tx *store.Tx) error {
		for _, name := range []string{"u0", "u1"} {
			u, err := tx.User(member, identity.UserName(name))
			if err != nil {
				return err
			}
			w.h.SessionOf(name+" with a code", session.Session{
				Kind: session.User, Account: member, PrincipalID: u.ID, MFA: w.h.Now(), Issued: w.h.Now(), Expires: w.h.Now().Add(time.Hour),
			})
		}
		return nil
	})
	return w
}

// anyhow reports whether any request gets an actor a session of the target, with
// or without a one-time code as codes say.
func (w *trustWorld) anyhow(actor string, codes []bool) (try, bool) {
	for _, id := range []string{"", "ext-1", "other"} {
		for _, name := range []string{"", actor} {
			for _, source := range []string{"", "ann", "other"} {
				for _, team := range []string{"", "blue", "other"} {
					for _, mfa := range codes {
						c := try{id, name, source, team, mfa}
						if (!mfa || actor != "r0") && w.assumes(actor, c) {
							return c, true
						}
					}
				}
			}
		}
	}
	return try{}, false
}

// pathEdge returns the edge by which somebody comes to be the target at once,
// nil when there is none, from all pages of its paths.
func pathEdge(t testing.TB, h *servicetest.Harness, principal string, page int, more ...string) *api.TrustEdge {
	t.Helper()
	var edge *api.TrustEdge
	parameters := append([]string{"Principal", principal, "MaxDepth:", "1", "MaxItems:", fmt.Sprint(page)}, more...)
	first := len(parameters)
	for {
		var out api.FindAccessPathsOutput
		if err := json.Unmarshal([]byte(h.As("root").Call("regent", "FindAccessPaths", parameters...).OK().Body), &out); err != nil {
			t.Fatal(err)
		}
		for _, p := range out.Paths {
			if e := p.Edges[0]; len(p.Edges) != 1 || e.RoleArn == memberRole && edge != nil {
				t.Fatalf("a path too many: %+v", out.Paths)
			} else if e.RoleArn == memberRole {
				edge = &e
			}
		}
		if out.Marker == "" {
			return edge
		}
		parameters = append(parameters[:first:first], "Marker", out.Marker)
	}
}

// holds fails unless an edge, nil for none, is what the road says. It returns
// the edge's status.
func (w *trustWorld) holds(r *rapid.T, actor string, edge *api.TrustEdge, codes []bool) string {
	switch {
	case edge != nil && edge.Status == "ALLOWED":
		if c := tryOf(r, *edge); c.mfa && len(codes) < 2 || !w.assumes(actor, c) {
			r.Fatalf("%s is refused with %+v, by the edge %+v\n%s", actor, c, *edge, strings.Join(w.log, "\n"))
		}
	case edge != nil && edge.Status == "UNKNOWN":
		if strings.Join(edge.Unknown, " ") != "conditions" {
			r.Fatalf("%s: the edge %+v", actor, *edge)
		}
	default:
		if c, ok := w.anyhow(actor, codes); ok {
			r.Fatalf("%s gets in with %+v, by the edge %+v\n%s", actor, c, edge, strings.Join(w.log, "\n"))
		}
		if edge == nil {
			return "none"
		}
	}
	if len(edge.Conditions) > 0 {
		return edge.Status + " with conditions"
	}
	return edge.Status
}

// TestEdgesAreWhatTheRoadSays makes small worlds of trust policies, identity
// policies, boundaries, SCPs and RCPs. Whoever an edge says is allowed gets a
// session under the conditions that it states, and nobody else does at all; nobody
// without a one-time code where it is asked about those who have none.
//
// Rules: EV-40 EV-44
func TestEdgesAreWhatTheRoadSays(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		w := newTrustWorld(t, r)
		page := rapid.IntRange(1, 4).Draw(r, "page")
		codes, more := []bool{false, true}, []string(nil)
		if rapid.Bool().Draw(r, "withoutMFA") {
			codes, more = codes[:1], []string{"WithoutMfa:", "true"}
		}
		edges := allEdges(t, w.h, "root", memberRole, page, more...)
		everyone := slices.ContainsFunc(edges, func(e api.TrustEdge) bool { return e.PrincipalType == "EVERYONE" && e.Status != "BLOCKED" })
		for name, actor := range w.actors {
			path := pathEdge(t, w.h, name, page, more...)
			seen[w.holds(r, actor, path, codes)]++
			var edge *api.TrustEdge
			for i := range edges {
				if edges[i].Principal == name {
					if edge != nil {
						r.Fatalf("two edges from %s", name)
					}
					edge = &edges[i]
				}
			}
			switch {
			case edge == nil && everyone: // whose edge is that of everyone
			case edge == nil:
				if path != nil && path.Status == "ALLOWED" {
					r.Fatalf("there is a path from %s and no edge: %+v\n%s", name, *path, strings.Join(w.log, "\n"))
				}
			case path == nil && edge.Status == "BLOCKED":
			case path == nil || path.Status != edge.Status || !slices.Equal(path.Conditions, edge.Conditions):
				r.Fatalf("the edge %+v is not the path %+v\n%s", *edge, path, strings.Join(w.log, "\n"))
			}
		}
	})
	t.Logf("edges: %v", seen)
	for _, status := range []string{"ALLOWED", "ALLOWED with conditions", "BLOCKED", "none"} {
		if seen[status] == 0 {
			t.Errorf("no edge was %s: %v", status, seen)
		}
	}
}
