package identity

import (
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
)

// A ServiceName is the name of a service's principal: a domain name in lower
// case, such as "backup.example.internal".
type ServiceName string

// ServicePrefix begins the unique ids of services.
const ServicePrefix = "ASRV"

// A RegisteredService is a service of the operator's own, which may call for
// itself as trust policies and bucket policies say (EV-36).
type RegisteredService struct {
	Account     AccountID     `json:"account"` // the management account
	Name        ServiceName   `json:"name"`
	ID          string        `json:"id"` // ASRV…
	Description string        `json:"description,omitempty"`
	Created     time.Time     `json:"created"`
	Keys        []AccessKeyID `json:"keys,omitempty"`
}

// ARN names the service.
func (s *RegisteredService) ARN() arn.ARN { return ServiceARN(s.Account, s.Name) }

// ServiceARN is the name of the service with that name.
func ServiceARN(a AccountID, n ServiceName) arn.ARN {
	return arn.ARN{Partition: Partition, Service: "regent", Account: string(a), Resource: "service/" + string(n)}
}

// reservedLabels are labels that no name of a service of one's own may have:
// policies that name AWS's services must never mean another (TH-41).
func reservedLabels() []string { return []string{"amazonaws", "amazon", "aws"} }

// reservedNames are those that policies know as providers of identities.
func reservedNames() []ServiceName { return []ServiceName{"accounts.google.com", "graph.facebook.com"} }

// Reserved reports whether a name is one that AWS has, or could have, or one that
// stands for something else in policies.
func (n ServiceName) Reserved() bool {
	labels := strings.Split(string(n), ".")
	for _, l := range reservedLabels() {
		if slices.Contains(labels, l) {
			return true
		}
	}
	return slices.Contains(reservedNames(), n)
}
