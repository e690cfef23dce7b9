package catalog

import "iter"

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

// A Key is a condition key.
type Key struct {
	// Name is as AWS writes it. What a request fills in stands as a
	// placeholder: "aws:RequestTag/${TagKey}".
	Name string
	Type KeyType
	// About is what a global key is about: "principal", "session", "network",
	// "resource" or "request". It is empty for a service's own key.
	About string
}

// Services returns the prefixes of all services in order, without reading the
// services themselves.
func Services() iter.Seq[string] { panic("catalog: Services") }

// ServiceByPrefix returns the service whose actions begin with prefix, in any
// case, and reports whether there is one. The service is unpacked when nobody
// has it in hand, which takes up to a few milliseconds: hold on to it in a loop.
func ServiceByPrefix(prefix string) (*Service, bool) { panic("catalog: ServiceByPrefix") }

// Action returns the action of that name, in any case and without the service's
// prefix, and reports whether the service has it.
func (s *Service) Action(name string) (*Action, bool) { panic("catalog: Service.Action") }

// Resource returns the type of resource of that name and reports whether the
// service has it.
func (s *Service) Resource(name string) (*ResourceType, bool) { panic("catalog: Service.Resource") }

// LookupAction returns the action that a policy would write "service:name", in
// any case, and reports whether there is one. A pattern is no action.
func LookupAction(action string) (*Service, *Action, bool) { panic("catalog: LookupAction") }

// ActionHasResources reports whether the action "service:name" supports
// resource-level permissions. One that does not is authorized against "*", and a
// statement that names any ARN never matches it (PL-53). Of an action that the
// catalog does not know it says true: whoever asks names the resource.
//
// It allocates nothing for the services that Regent serves when the action is
// folded already ([arn.Fold]).
func ActionHasResources(action string) bool { panic("catalog: ActionHasResources") }

// LookupKey returns the condition key of that name, in any case, and reports
// whether there is one: a global key, or one that a service's reference names.
// What stands for a placeholder is looked up as such: "aws:RequestTag/team"
// gives "aws:RequestTag/${TagKey}".
func LookupKey(name string) (Key, bool) { panic("catalog: LookupKey") }

// KeyIsMultivalued reports whether a request may carry several values of the
// key. It is a property of the key, not of a request (PL-73). It allocates
// nothing when the key is folded already ([arn.Fold]).
func KeyIsMultivalued(name string) bool { panic("catalog: KeyIsMultivalued") }

// Keys returns every condition key, in order of their folded names.
func Keys() iter.Seq[Key] { panic("catalog: Keys") }
