package identity

import "time"

// AccessLife is how long it is told that a service was used.
const AccessLife = 400 * 24 * time.Hour

// An AccessUse says that something was tried, allowed or not, to within a
// quarter of an hour.
type AccessUse struct {
	At     time.Time `json:"at,omitzero"`
	Region string    `json:"region,omitempty"`
}

// After reports whether u is later than another.
func (u AccessUse) After(other AccessUse) bool { return u.At.After(other.At) }

// An Access says when a principal last tried to use services, by their prefixes.
type Access struct {
	Services map[string]*ServiceAccess `json:"services"`
}

// A ServiceAccess is when a service was last tried, and each of its actions, by
// their names.
type ServiceAccess struct {
	AccessUse
	Actions map[string]AccessUse `json:"actions,omitempty"`
}

// An AccountAccess says when any principal of an account last tried to use
// services, and how many did.
type AccountAccess struct {
	Services map[string]AccountServiceAccess `json:"services"`
}

// An AccountServiceAccess is one service in an AccountAccess.
type AccountServiceAccess struct {
	AccessUse
	Entities int `json:"entities"` // principals that exist and tried
}

// An AccessJob is a report of what was tried last and by whom, as it was when
// it was made. Only who made it may read it.
type AccessJob struct {
	ID      string    `json:"id"`
	By      string    `json:"by"`
	Created time.Time `json:"created"`

	// SourceKind is what the report is about, SourceID its unique id or, of a
	// managed policy, its ARN. They are empty in a report of an organization.
	SourceKind string `json:"sourceKind,omitempty"`
	SourceID   string `json:"sourceId,omitempty"`

	Granularity string            `json:"granularity,omitempty"` // "" in a report of an organization
	Services    []AccessedService `json:"services"`              // by prefix
}

// An AccessedService is a service that may be used: when it was last tried, by
// whom, and by how many. In a report of an organization Entity is the path of
// the account, else an ARN.
type AccessedService struct {
	Service string `json:"service"`
	AccessUse
	Entity   string           `json:"entity,omitempty"`
	Entities int              `json:"entities,omitempty"`
	Actions  []AccessedAction `json:"actions,omitempty"` // that were tried, by name
}

// An AccessedAction is when an action was last tried, and by whom.
type AccessedAction struct {
	Name string `json:"name"`
	AccessUse
	Entity string `json:"entity"`
}
