package catalog

import (
	_ "embed"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"weak"

	"github.com/regent-iam/regent/arn"
)

//go:generate go run ../internal/cataloggen

//go:embed data/service-authorization.ndjson.gz
var serviceData string

// A Service is one entry of the service authorization reference. It is shared:
// nobody changes it.
type Service struct {
	Prefix    string // what stands before the colon of its actions: "s3"
	Name      string // what AWS calls it: "Amazon S3"
	Actions   []Action
	Resources []ResourceType
	Keys      []Key // the condition keys that its actions and resources name
}

// An Action is something that a policy may allow or deny.
type Action struct {
	Name      string // without the service: "GetObject"
	fold      string // the name, folded
	Access    Access
	Resources []ActionResource // none: it is authorized against "*" (PL-53)
	Keys      []string         // condition keys that it always takes; those of a resource stand there
}

// An ActionResource is a type of resource that an action takes.
type ActionResource struct {
	Type     string // the name of a ResourceType of the same service
	Required bool
	Keys     []string // condition keys that the action takes with this type of resource
}

// A ResourceType is a kind of resource that a service's actions name.
type ResourceType struct {
	Name    string   // "bucket"
	Pattern string   // its ARN, with ${Partition}, ${Account} and the like in it
	Keys    []string // condition keys that say something about the resource
}

// A span is where a gzip member stands in a file.
type span struct{ from, length int }

// An indexed service says where its entry stands in serviceData.
type indexed struct {
	prefix       string
	from, length int
}

// unpacked holds the services that somebody has in hand. The data never changes;
// it is held weakly, so that asking for every service once does not keep the
// whole reference in memory.
var unpacked [len(serviceIndex)]struct {
	sync.Mutex
	service weak.Pointer[Service]
}

// Services returns the prefixes of all services in order, without reading the
// services themselves.
func Services() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range serviceIndex {
			if !yield(s.prefix) {
				return
			}
		}
	}
}

// ServiceByPrefix returns the service whose actions begin with prefix, in any
// case, and reports whether there is one. The service is unpacked when nobody
// has it in hand, which takes up to a few milliseconds: hold on to it in a loop.
func ServiceByPrefix(prefix string) (*Service, bool) {
	i, ok := slices.BinarySearchFunc(serviceIndex[:], arn.Fold(prefix), func(s indexed, prefix string) int {
		return strings.Compare(s.prefix, prefix)
	})
	if !ok {
		return nil, false
	}
	slot := &unpacked[i]
	slot.Lock()
	defer slot.Unlock()
	if s := slot.service.Value(); s != nil {
		return s, true
	}
	s := readService(member(serviceData, span{serviceIndex[i].from, serviceIndex[i].length}))
	slot.service = weak.Make(s)
	return s, true
}

// Action returns the action of that name, in any case and without the service's
// prefix, and reports whether the service has it.
func (s *Service) Action(name string) (*Action, bool) {
	i, ok := slices.BinarySearchFunc(s.Actions, arn.Fold(name), func(a Action, name string) int {
		return strings.Compare(a.fold, name)
	})
	if !ok {
		return nil, false
	}
	return &s.Actions[i], true
}

// Resource returns the type of resource of that name and reports whether the
// service has it.
func (s *Service) Resource(name string) (*ResourceType, bool) {
	i := slices.IndexFunc(s.Resources, func(r ResourceType) bool { return r.Name == name })
	if i < 0 {
		return nil, false
	}
	return &s.Resources[i], true
}

// LookupAction returns the action that a policy would write "service:name", in
// any case, and reports whether there is one. A pattern is no action.
func LookupAction(action string) (*Service, *Action, bool) {
	prefix, name, ok := strings.Cut(action, ":")
	if !ok {
		return nil, nil, false
	}
	s, ok := ServiceByPrefix(prefix)
	if !ok {
		return nil, nil, false
	}
	a, ok := s.Action(name)
	return s, a, ok
}

// ActionHasResources reports whether the action "service:name" supports
// resource-level permissions. One that does not is authorized against "*", and a
// statement that names any ARN never matches it (PL-53). Of an action that the
// catalog does not know it says true: whoever asks names the resource.
//
// It allocates nothing when the action is folded already ([arn.Fold]).
func ActionHasResources(action string) bool {
	_, without := slices.BinarySearch(withoutResources[:], arn.Fold(action))
	return !without
}

// entry is a service as the data has it.
type entry struct {
	Prefix, Name string
	Actions      map[string]struct {
		Access    string
		Resources []ActionResource
		Keys      []string
	}
	Resources map[string]struct {
		ARN  string
		Keys []string
	}
	Keys map[string]string
}

// readService returns the service that text describes. The text is part of the
// program, so that it cannot be wrong without a test that fails.
func readService(text []byte) *Service {
	var e entry
	if err := json.Unmarshal(text, &e); err != nil {
		panic("catalog: the data of a service: " + err.Error())
	}
	s := &Service{Prefix: e.Prefix, Name: e.Name, Actions: make([]Action, 0, len(e.Actions))}
	for name, a := range e.Actions {
		s.Actions = append(s.Actions, Action{name, arn.Fold(name), accessOf(a.Access), a.Resources, a.Keys})
	}
	slices.SortFunc(s.Actions, func(a, b Action) int { return strings.Compare(a.fold, b.fold) })
	for _, name := range slices.Sorted(maps.Keys(e.Resources)) {
		s.Resources = append(s.Resources, ResourceType{name, e.Resources[name].ARN, e.Resources[name].Keys})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Keys)) {
		s.Keys = append(s.Keys, Key{Name: name, Type: keyTypeOf(e.Keys[name])})
	}
	return s
}

// accessOf returns the level that the data names. An action that changes tags or
// permissions is a write too there ("Tagging, Write"); AWS's pages name the first.
func accessOf(text string) Access {
	first, _, _ := strings.Cut(text, ",")
	for a := List; a <= PermissionsManagement; a++ {
		if a.String() == first {
			return a
		}
	}
	return UnknownAccess
}
