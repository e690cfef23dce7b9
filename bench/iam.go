package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/regent-iam/regent/catalog"
)

// What the account that is asked has beside the users that fill the store: the
// same in every store, so that only the store's size differs.
const (
	ownUsers    = 200
	ownRoles    = 100
	policiesOne = 10 // managed policies attached to a role
	iamRounds   = 5  // of reads, over all stores in turn
	iamCreates  = 1000
	growthLimit = 1.5 // of what a read costs, in the smallest store's
)

// An iamStore is a store of one size with its server.
type iamStore struct {
	users int
	data  string
	*instance
	root            *caller
	reads, changes  []*load
	costs           map[string][]float64 // CPU per request of each round
	starts, resides []float64
}

// measureIAM measures what IAM's reads and changes cost in stores of several
// sizes, all in one run. Reads are compared by the processor time that the server
// spends on a request: waiting times depend on what else the machine does, and
// the stores are asked in turn, so that what it does meets all of them.
func measureIAM(ctx context.Context, o options) (required []requirement, err error) {
	var stores []*iamStore
	for _, users := range []int{10, 10_000, o.users} {
		s := &iamStore{users: users, data: filepath.Join(o.dir, fmt.Sprintf("iam-%d", users)), costs: map[string][]float64{}}
		if err := s.fill(ctx, o); err != nil {
			return nil, err
		}
		stores = append(stores, s)
	}
	for range min(o.starts, 9) {
		for _, s := range stores {
			f, err := startOnce(ctx, o, s.data)
			if err != nil {
				return nil, err
			}
			s.starts, s.resides = append(s.starts, f.milliseconds), append(s.resides, f.own)
		}
	}
	for _, s := range stores {
		if err := s.serve(ctx, o); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, s.stop()) }()
	}
	fmt.Printf("%-58s %10s %9s %9s %12s\n", "IAM in stores of several sizes", "per second", "p50", "p99", "CPU/request")
	for round := range iamRounds {
		for _, s := range stores {
			for _, l := range s.reads {
				r, err := l.run(ctx, o.seconds/4)
				if err != nil {
					return nil, err
				}
				s.costs[l.name] = append(s.costs[l.name], r.cpu.Seconds())
				if round == iamRounds-1 {
					printResult(fmt.Sprintf("%s, %d users", l.name, s.users), r)
				}
			}
		}
	}
	for i := range stores[0].changes {
		for _, s := range stores {
			r, err := s.changes[i].run(ctx, 0)
			if err != nil {
				return nil, err
			}
			printResult(fmt.Sprintf("%s, %d users", s.changes[i].name, s.users), r)
		}
	}
	fmt.Println()
	return growths(stores)
}

// growths are the requirements: what must not grow with the store.
func growths(stores []*iamStore) (required []requirement, err error) {
	least := stores[0]
	for _, s := range stores {
		fmt.Printf("%-58s %7.1f ms to the first answer, %.1f MiB of its own when idle\n", fmt.Sprintf("%d users", s.users), median(s.starts), median(s.resides))
	}
	fmt.Println()
	for _, s := range stores[1:] {
		for _, l := range s.reads {
			ratio := median(s.costs[l.name]) / median(least.costs[l.name])
			if math.IsNaN(ratio) {
				return nil, errors.New("this system does not tell what a process has used of the processor")
			}
			required = append(required, requirement{fmt.Sprintf("%s's CPU with %d users, in that with %d", l.name, s.users, least.users), ratio, false, growthLimit, "x"})
		}
		required = append(required,
			requirement{fmt.Sprintf("start with %d users, in that with %d", s.users, least.users), median(s.starts) / median(least.starts), false, growthLimit, "x"},
			requirement{fmt.Sprintf("own memory with %d users, in that with %d", s.users, least.users), median(s.resides) / median(least.resides), false, growthLimit, "x"})
	}
	return required, nil
}

// fill makes the store.
func (s *iamStore) fill(ctx context.Context, o options) error {
	if _, err := startOnce(ctx, o, s.data); err != nil {
		return err
	}
	begin := time.Now()
	if err := fill(ctx, s.data, s.users); err != nil {
		return err
	}
	fmt.Printf("  (%d users written in %s)\n", s.users, time.Since(begin).Round(100*time.Millisecond))
	return nil
}

// serve starts the store's server and makes what it is asked about.
func (s *iamStore) serve(ctx context.Context, o options) error {
	var err error
	if s.instance, err = serveRegent(ctx, o, s.data); err != nil {
		return err
	}
	if s.root, err = rootCaller(s.address, s.data); err != nil {
		return err
	}
	return s.load(ctx, o)
}

// load makes the account's own users and roles, and the requests.
func (s *iamStore) load(ctx context.Context, o options) error {
	administrator, err := s.root.user(ctx, "administrator", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}`)
	if err != nil {
		return err
	}
	account, err := s.root.do(ctx, "sts", "GetCallerIdentity")
	if err != nil {
		return err
	}
	var id string
	if err := elements(account, map[string]*string{"Account": &id}); err != nil {
		return err
	}
	for i := range ownUsers {
		if _, err := administrator.do(ctx, "iam", "CreateUser", "UserName", fmt.Sprintf("own-%03d", i)); err != nil {
			return err
		}
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + id + `"},"Action":"sts:AssumeRole"}]}`
	for i := range ownRoles {
		if _, err := administrator.do(ctx, "iam", "CreateRole", "RoleName", fmt.Sprintf("role-%03d", i), "AssumeRolePolicyDocument", trust); err != nil {
			return err
		}
	}
	m := &maker{instance: s.instance, by: administrator, clients: o.clients}
	s.reads = []*load{
		m.load("GetUser", "<UserId>", ownUsers, func(i int) []string { return []string{"UserName", fmt.Sprintf("own-%03d", i)} }),
		m.load("ListUsers", "<IsTruncated>true", o.clients, func(int) []string { return []string{"MaxItems", "100"} }),
	}
	var policies []string
	for p := range catalog.ManagedPolicies() {
		if policies = append(policies, p.ARN()); len(policies) == policiesOne {
			break
		}
	}
	s.changes = []*load{
		m.load("CreateUser", "<UserId>", iamCreates, func(i int) []string { return []string{"UserName", fmt.Sprintf("new-%05d", i)} }),
		m.load("AttachRolePolicy", "<RequestId>", ownRoles*policiesOne, func(i int) []string {
			return []string{"RoleName", fmt.Sprintf("role-%03d", i%ownRoles), "PolicyArn", policies[i/ownRoles]}
		}),
	}
	for _, l := range s.changes {
		l.once = true
	}
	return m.err
}

// A maker makes loads of one server.
type maker struct {
	*instance
	by      *caller
	clients int
	err     error
}

// load makes count requests of an operation, spread over the clients.
func (m *maker) load(operation, contain string, count int, parameters func(i int) []string) *load {
	l := &load{name: operation, server: m.instance, contain: contain, perConn: make([][]request, m.clients)}
	for i := range count {
		r, err := m.by.query("iam", operation, parameters(i)...)
		m.err = errors.Join(m.err, err)
		l.perConn[i%m.clients] = append(l.perConn[i%m.clients], r)
	}
	return l
}
