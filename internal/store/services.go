package store

import "github.com/regent-iam/regent/internal/identity"

const kindService = "service"

// serviceKey is in the management account, whose keys the service's are.
func serviceKey(a identity.AccountID, n identity.ServiceName) key {
	return inAccount(a, kindService, string(n))
}

// RegisteredService returns the service of that name.
func (tx *Tx) RegisteredService(a identity.AccountID, n identity.ServiceName) (*identity.RegisteredService, error) {
	return get[identity.RegisteredService](tx, serviceKey(a, n))
}

// RegisteredServices lists services by name.
func (tx *Tx) RegisteredServices(a identity.AccountID, page Page[identity.RegisteredService]) ([]*identity.RegisteredService, string, error) {
	return list(tx, underAccount(a, kindService), page)
}

// CreateService adds a service. It fails with ErrExists when the name is taken.
func (tx *Tx) CreateService(s *identity.RegisteredService) error {
	if err := tx.free(serviceKey(s.Account, s.Name)); err != nil {
		return err
	}
	if err := tx.count(s.Account, func(c *Counters) *int { return &c.Services }, 1, ""); err != nil {
		return err
	}
	return tx.PutService(s)
}

// PutService writes a service that exists. Who may sign is said by its keys.
func (tx *Tx) PutService(s *identity.RegisteredService) error {
	return put(tx, serviceKey(s.Account, s.Name), s)
}

// DeleteService removes a service that has no keys.
func (tx *Tx) DeleteService(s *identity.RegisteredService) error {
	if err := tx.count(s.Account, func(c *Counters) *int { return &c.Services }, -1, ""); err != nil {
		return err
	}
	return tx.remove(serviceKey(s.Account, s.Name))
}
