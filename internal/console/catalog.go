package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy"
)

// A Catalog answers what the policy editor asks about AWS's services:
//
//	services.json           prefixes and names of all services
//	<prefix>.json           a service's actions, resource types and condition keys
//	policies/<prefix>.json  which managed policies allow actions of the service
//	global.json             global condition keys and condition operators
//
// It is what AWS publishes and the same for everybody, so that nobody is asked
// who they are and every cache may keep it. Each file is made when it is first
// asked for and kept compressed. A Catalog is safe for concurrent use.
type Catalog struct {
	files map[string]func() *catalogFile
}

// NewCatalog returns a Catalog. It reads nothing yet.
func NewCatalog() *Catalog {
	c := &Catalog{files: map[string]func() *catalogFile{}}
	add := func(name string, content func() any) {
		c.files[name+".json"] = sync.OnceValue(func() *catalogFile { return newCatalogFile(content()) })
	}
	managed := sync.OnceValue(readManaged)
	for prefix := range catalog.Services() {
		add(prefix, func() any { return serviceFile(prefix) })
		add("policies/"+prefix, func() any { return policiesFile(prefix, managed()) })
	}
	add("services", servicesFile)
	add("global", globalFile)
	return c
}

// Serve answers a request for the file of that name.
func (c *Catalog) Serve(w http.ResponseWriter, r *http.Request, name string) {
	file, ok := c.files[name]
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case !ok:
		http.Error(w, "not found", http.StatusNotFound)
	default:
		file().serve(w, r)
	}
}

// A catalogFile is one file of the catalog.
type catalogFile struct {
	compressed []byte
	tag        string // weak: the same for the compressed and the plain form
}

func newCatalogFile(content any) *catalogFile {
	text, err := json.Marshal(content)
	if err != nil {
		panic("console: a file of the catalog: " + err.Error())
	}
	sum := sha256.Sum256(text)
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level that exists
	if _, err := z.Write(text); err != nil {
		panic("console: a file of the catalog: " + err.Error())
	}
	if err := z.Close(); err != nil {
		panic("console: a file of the catalog: " + err.Error())
	}
	return &catalogFile{compressed: b.Bytes(), tag: `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}

func (f *catalogFile) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	content := f.compressed
	if negotiate(r.Header.Values("Accept-Encoding"), []encoding{{coding: "gzip"}}) != nil {
		h.Set("Content-Encoding", "gzip")
	} else {
		content = unzipped(content)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func unzipped(content []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		panic("console: a file of the catalog: " + err.Error())
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic("console: a file of the catalog: " + err.Error())
	}
	return text
}

// The files as the console's editor reads them. What is empty is left out.
type (
	jsonServices struct {
		Services []jsonServiceName `json:"services"`
	}
	jsonServiceName struct {
		Prefix string `json:"prefix"`
		Name   string `json:"name"`
	}
	jsonService struct {
		Prefix    string         `json:"prefix"`
		Name      string         `json:"name"`
		Actions   []jsonAction   `json:"actions"`
		Resources []jsonResource `json:"resources,omitempty"`
		Keys      []jsonKey      `json:"keys,omitempty"`
	}
	jsonAction struct {
		Name      string               `json:"name"`
		Access    string               `json:"access"`
		Resources []jsonActionResource `json:"resources,omitempty"`
		Keys      []string             `json:"keys,omitempty"`
	}
	jsonActionResource struct {
		Type     string   `json:"type"`
		Required bool     `json:"required,omitempty"`
		Keys     []string `json:"keys,omitempty"`
	}
	jsonResource struct {
		Name    string   `json:"name"`
		Pattern string   `json:"pattern"`
		Keys    []string `json:"keys,omitempty"`
	}
	jsonKey struct {
		Name  string `json:"name"`
		Type  string `json:"type"`
		About string `json:"about,omitempty"`
	}
	jsonGlobal struct {
		Keys      []jsonKey `json:"keys"`
		Operators []string  `json:"operators"`
	}
	jsonPolicies struct {
		Policies map[string]*jsonGrants `json:"policies"`
	}
	// jsonGrants are the patterns of a policy's Allow statements that may cover
	// actions of a service: those of Action, and the lists of NotAction.
	jsonGrants struct {
		Actions    []string   `json:"actions,omitempty"`
		NotActions [][]string `json:"notActions,omitempty"`
	}
)

func servicesFile() any {
	var out jsonServices
	for prefix := range catalog.Services() {
		s, _ := catalog.ServiceByPrefix(prefix)
		out.Services = append(out.Services, jsonServiceName{s.Prefix, s.Name})
	}
	return out
}

func globalFile() any {
	out := jsonGlobal{Operators: policy.OperatorNames()}
	for k := range catalog.Keys() {
		if k.About != "" {
			out.Keys = append(out.Keys, jsonKey{k.Name, k.Type.String(), k.About})
		}
	}
	return out
}

func serviceFile(prefix string) any {
	s, _ := catalog.ServiceByPrefix(prefix)
	out := jsonService{Prefix: s.Prefix, Name: s.Name}
	for _, a := range s.Actions {
		action := jsonAction{Name: a.Name, Access: a.Access.String(), Keys: a.Keys}
		for _, r := range a.Resources {
			action.Resources = append(action.Resources, jsonActionResource(r))
		}
		out.Actions = append(out.Actions, action)
	}
	for _, r := range s.Resources {
		out.Resources = append(out.Resources, jsonResource(r))
	}
	for _, k := range s.Keys {
		out.Keys = append(out.Keys, jsonKey{Name: k.Name, Type: k.Type.String()})
	}
	return out
}

// A managedGrant is an Allow statement of a managed policy.
type managedGrant struct {
	policy  string
	actions []string
	but     bool // the element is NotAction
}

// A oneOrMore is what a document may write as one value or as a list.
type oneOrMore[T any] []T

func (l *oneOrMore[T]) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.Unmarshal(text, &(*l)[0])
}

// readManaged reads what all managed policies allow. They are AWS's own, and one
// of them is longer than policy.Parse lets a document be.
func readManaged() []managedGrant {
	var out []managedGrant
	for p, text := range catalog.ManagedDocuments() {
		var document struct {
			Statement oneOrMore[struct {
				Effect            string
				Action, NotAction oneOrMore[string]
			}]
		}
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			panic("console: the managed policy " + p.Name + ": " + err.Error())
		}
		for _, s := range document.Statement {
			switch {
			case s.Effect != "Allow":
			case s.NotAction != nil:
				out = append(out, managedGrant{p.Name, s.NotAction, true})
			default:
				out = append(out, managedGrant{p.Name, s.Action, false})
			}
		}
	}
	return out
}

// policiesFile returns what managed policies allow of a service, Deny and what
// narrows an Allow left aside: it serves to find policies, not to judge them.
func policiesFile(prefix string, managed []managedGrant) any {
	out := jsonPolicies{Policies: map[string]*jsonGrants{}}
	for _, g := range managed {
		var about []string
		for _, pattern := range g.actions {
			if service, _, _ := strings.Cut(arn.Fold(pattern), ":"); covers(service, prefix) {
				about = append(about, pattern)
			}
		}
		if len(about) == 0 && !g.but {
			continue
		}
		grants := out.Policies[g.policy]
		if grants == nil {
			grants = &jsonGrants{}
			out.Policies[g.policy] = grants
		}
		if g.but {
			grants.NotActions = append(grants.NotActions, append([]string{}, about...))
		} else {
			grants.Actions = append(grants.Actions, about...)
		}
	}
	return out
}

func covers(pattern, service string) bool {
	glob := arn.NewGlob(pattern)
	return glob.Match(service)
}
