package lint

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// arnRules look at the ARNs of resources.
var arnRules = []rule{
	{"resources", checkResources},
	{"resources of the resource", checkResourcesOfResource},
}

// Places of an ARN's segments.
const (
	partitionAt = 1 + iota
	serviceAt
	regionAt
	accountAt
	resourceAt
)

// A resourceTemplate is the ARN of a type of resource, cut at its colons.
type resourceTemplate struct {
	name                      string
	segments                  []pattern
	wantsRegion, wantsAccount bool // and nothing else will do
}

// templates are the ARNs of all services by the service that stands in them,
// which is not always the one whose reference names them (LI-7). Those of no
// certain service stand under "".
var templates = sync.OnceValue(func() map[string][]resourceTemplate {
	out := map[string][]resourceTemplate{}
	for prefix := range catalog.Services() {
		service, _ := catalog.ServiceByPrefix(prefix)
		for _, r := range service.Resources {
			raw, n := arn.Split(r.Pattern)
			if n != arn.Segments {
				continue
			}
			t := resourceTemplate{
				name: r.Name, segments: templateOf(r.Pattern).Split(arn.Segments),
				wantsRegion: strings.HasPrefix(raw[regionAt], "${"), wantsAccount: strings.HasPrefix(raw[accountAt], "${"),
			}
			key := ""
			if t.segments[serviceAt].Literal() {
				key = t.segments[serviceAt].Text()
			}
			out[key] = append(out[key], t)
		}
	}
	return out
})

// serviceKnown reports whether an ARN or a condition key may name the service.
func (c *checker) serviceKnown(name string) bool {
	if c.known.services[arn.Fold(name)] {
		return true
	}
	if _, ok := catalog.ServiceByPrefix(name); ok {
		return true
	}
	return len(templates()[arn.Fold(name)]) > 0
}

func checkResources(c *checker) {
	for _, s := range c.document {
		for _, r := range s.resources {
			c.resource(r)
		}
	}
}

func (c *checker) resource(r value) {
	p := wildcard.Of(r.text, true)
	if p.MatchesAll() { // "*", or a variable alone: LI-9
		return
	}
	segments := p.Split(arn.Segments)
	if strings.HasPrefix(r.text, "${") {
		return // the variable may hold what is missing
	}
	if segments[0].Text() != "arn" || len(segments) == 1 {
		c.report("INVALID_ARN_PREFIX", c.at(r.node))
		return
	}
	if len(segments) < arn.Segments {
		last := segments[len(segments)-1]
		if len(last) == 0 || last[len(last)-1] != wildcard.AnyRun {
			c.report("MISSING_ARN_FIELD", c.at(r.node), hole{"fields", strconv.Itoa(arn.Segments)})
			return
		}
		for len(segments) < arn.Segments {
			segments = append(segments, pattern{wildcard.AnyRun})
		}
	}
	c.partition(r, segments)
	c.service(r, segments)
}

var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

func (c *checker) partition(r value, segments []pattern) {
	p := segments[partitionAt]
	if slices.ContainsFunc(partitions, p.Matches) {
		return
	}
	c.report("INVALID_PARTITION", c.at(r.node), hole{"service", segments[serviceAt].Text()},
		hole{"partition", p.Text()}, hole{"partitions", strings.Join(partitions, ", ")})
}

func (c *checker) service(r value, segments []pattern) {
	name := segments[serviceAt]
	if !name.Literal() {
		if !name.MatchesAll() && strings.ContainsAny(name.Text(), "*?") {
			c.report("WILDCARD_IN_SERVICE_NAME", c.at(r.node))
		}
		return
	}
	service := name.Text()
	folded := arn.Fold(service)
	switch {
	case !c.serviceKnown(service):
		c.report("INVALID_SERVICE", c.at(r.node), hole{"service", service})
		return
	case c.known.services[folded]:
		return
	case service != folded:
		c.report("INVALID_ARN_SERVICE_CASE", c.at(r.node), hole{"service", service})
		return
	}
	all := templates()[service]
	var fitting []resourceTemplate
	for _, t := range all {
		if wildcard.Intersects(segments[resourceAt], t.segments[resourceAt]) {
			fitting = append(fitting, t)
		}
	}
	if len(all) > 0 && len(fitting) == 0 && !slices.ContainsFunc(templates()[""], func(t resourceTemplate) bool {
		return wildcard.Intersects(segments[resourceAt], t.segments[resourceAt])
	}) {
		c.report("INVALID_ARN_RESOURCE", c.at(r.node))
	}
	c.region(r, service, segments[regionAt], fitting)
	c.account(r, service, segments[accountAt], fitting)
}

func (c *checker) region(r value, service string, region pattern, fitting []resourceTemplate) {
	some := len(fitting) > 0
	empty := func(t resourceTemplate) bool { return len(t.segments[regionAt]) == 0 }
	switch {
	case len(region) == 0:
		if some && all(fitting, func(t resourceTemplate) bool { return t.wantsRegion }) {
			c.report("MISSING_ARN_REGION", c.at(r.node), hole{"service", service})
		}
	case !region.Literal():
	case some && all(fitting, empty):
		c.report("ARN_REGION_NOT_ALLOWED", c.at(r.node), hole{"service", service})
	case !slices.Contains(regions, region.Text()):
		c.report("INVALID_ARN_REGION", c.at(r.node), hole{"region", region.Text()})
	}
}

func all[T any](items []T, is func(T) bool) bool {
	return !slices.ContainsFunc(items, func(item T) bool { return !is(item) })
}

func (c *checker) account(r value, service string, account pattern, fitting []resourceTemplate) {
	some := len(fitting) > 0
	switch {
	case len(account) == 0:
		if some && all(fitting, func(t resourceTemplate) bool { return t.wantsAccount && !t.shared(service) }) {
			c.report("MISSING_ARN_ACCOUNT", c.at(r.node), hole{"resourceName", fitting[0].name})
		}
	case account.MatchesAll():
	case some && all(fitting, func(t resourceTemplate) bool { return len(t.segments[accountAt]) == 0 }):
		c.report("ARN_ACCOUNT_NOT_ALLOWED", c.at(r.node), hole{"service", service})
	case !account.Literal():
	case account.Text() != "aws" && !arn.ValidAccount(account.Text()) && !slices.ContainsFunc(fitting, func(t resourceTemplate) bool {
		return !t.wantsAccount && t.segments[accountAt].Matches(account.Text())
	}):
		c.report("INVALID_ARN_ACCOUNT", c.at(r.node), hole{"account", account.Text()})
	}
}

// shared reports whether AWS itself has resources of the type, in nobody's account.
func (t resourceTemplate) shared(service string) bool {
	return service == "ssm" && oneOf(t.name, "document", "parameter") || service == "resource-explorer-2" && t.name == "view"
}

// checkResourcesOfResource reports resources that the policy cannot be about.
func checkResourcesOfResource(c *checker) {
	of, ok := resourceTypesOf[c.kind]
	if !ok {
		return
	}
	service, _ := catalog.ServiceByPrefix(of.service)
	for _, s := range c.document {
		for _, r := range s.resources {
			segments := wildcard.Of(r.text, true).Split(arn.Segments)
			if len(segments) != arn.Segments {
				continue // other rules have their say
			}
			fits := slices.ContainsFunc(of.types, func(name string) bool {
				t, found := service.Resource(name)
				return found && intersectSegments(segments, templateOf(t.Pattern).Split(arn.Segments))
			})
			if !fits {
				c.report("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", c.at(r.node), hole{"resourceType", c.kind.resourceType()})
			}
		}
	}
}

// intersectSegments reports whether some ARN matches both patterns.
func intersectSegments(a, b []pattern) bool {
	for i := range a {
		if !wildcard.Intersects(a[i], b[i]) {
			return false
		}
	}
	return true
}
