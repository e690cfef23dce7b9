package analysis

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// maxTried is how many requests are tried for one question.
const maxTried = 512

// A slot is one thing about a request that its caller chooses.
type slot struct {
	key     string        // folded
	name    string        // as a condition is reported
	options [][]authz.Key // the first is what goes without saying, if it is empty
}

// Folded names of what a caller chooses when it assumes a role.
const (
	keyMFA     = "aws:multifactorauthpresent"
	keyMFAAge  = "aws:multifactorauthage"
	keyNow     = "aws:currenttime"
	keyEpoch   = "aws:epochtime"
	keyIP      = "aws:sourceip"
	keyTagKeys = "aws:tagkeys"
	keySession = "sts:rolesessionname"
	keySource  = "sts:sourceidentity"
	keyID      = "sts:externalid"
	requestTag = "aws:requesttag/"
)

// fixedKeys are known of every request, whoever makes it.
var fixedKeys = []string{
	"aws:securetransport", "aws:viaawsservice", "aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths",
}

// free reports whether a key is the caller's choice, or not known.
func free(q *Question, key string) bool {
	switch key {
	case keyMFA, keyMFAAge:
		return q.MFA
	case keyNow, keyEpoch, keyIP, keyTagKeys, keySession, keySource, keyID, "aws:useragent", "aws:referer":
		return true
	}
	if strings.HasPrefix(key, requestTag) {
		return true
	}
	if q.Caller != nil && q.Caller.Signs() {
		return false
	}
	if slices.Contains(fixedKeys, key) || strings.HasPrefix(key, "aws:resourcetag/") || strings.HasPrefix(key, "iam:resourcetag/") {
		return false
	}
	if q.Stranger == nil { // services and providers: what they bring
		return !strings.HasPrefix(key, "aws:principal")
	}
	return (key != "aws:principalaccount" || q.Stranger.Account == "") && (key != "aws:principalarn" || strangerARN(q.Stranger) == "")
}

// wanted is what the conditions on one key ask for.
type wanted struct {
	name       string
	values     []string
	conditions int
	loose      bool // patterns or other things of which no sample stands for all
	many       bool // compared as a multivalued key
}

// slotsOf returns what a caller may choose that some condition looks at. It is
// rough when the choices do not stand for all there are.
func slotsOf(q *Question, e *authz.Evidence) (slots []slot, rough bool) {
	keys := map[string]*wanted{}
	var order []string
	eachCondition(e.Layers, q.Need.Action, func(d *policy.Document, c *policy.Condition) {
		key := arn.Fold(c.Key)
		if !free(q, key) {
			return
		}
		w := keys[key]
		if w == nil {
			w = &wanted{name: spelled(key, c.Key)}
			keys[key], order = w, append(order, key)
		}
		w.add(q, e, d, c)
	})
	slices.Sort(order)
	var tagKeys []string
	for _, key := range order {
		w := keys[key]
		rough = rough || w.loose && w.conditions > 1
		if key == keyTagKeys { // which follow from the tags
			rough, tagKeys = true, w.values
			continue
		}
		if s, ok := w.slot(q, key, slots); ok {
			slots = append(slots, s)
		}
	}
	for _, t := range tagKeys {
		key := requestTag + arn.Fold(t)
		if !slices.ContainsFunc(slots, func(s slot) bool { return s.key == key }) {
			slots = append(slots, slot{key, "aws:RequestTag/" + t, [][]authz.Key{nil, {authz.One("aws:RequestTag/"+t, "x")}}})
		}
	}
	return slots, rough
}

// spelled is how a key is spelled in requests, so that it replaces what they have.
func spelled(key, written string) string {
	switch key {
	case keyIP:
		return "aws:SourceIp"
	case keySession:
		return "sts:RoleSessionName"
	case keySource:
		return "sts:SourceIdentity"
	case keyID:
		return "sts:ExternalId"
	}
	return written
}

// eachCondition yields the conditions of statements that may be about an action
// that assuming a role needs.
func eachCondition(l *policy.Layers, action string, yield func(*policy.Document, *policy.Condition)) {
	lists := [][]*policy.Policy{l.Identity, {l.Boundary}, l.Session, l.Resource}
	lists = append(append(lists, l.SCP...), l.RCP...)
	for _, list := range lists {
		for _, p := range list {
			if p == nil || p.Document() == nil {
				continue
			}
			for i := range p.Document().Statements {
				s := &p.Document().Statements[i]
				for j := range s.Conditions {
					if about(s, action) {
						yield(p.Document(), &s.Conditions[j])
					}
				}
			}
		}
	}
}

// about reports whether a statement may be about an action, or one that may
// have to go with it.
func about(s *policy.Statement, action string) bool {
	if s.NotAction {
		return true
	}
	for _, a := range s.Actions {
		pattern := arn.Fold(a.Text)
		start := pattern
		if at := strings.IndexAny(pattern, "*?"); at >= 0 {
			start = pattern[:at]
		}
		for _, name := range []string{action, tagSession, setSource} {
			if strings.HasPrefix(arn.Fold(name), start) {
				return true
			}
		}
	}
	return false
}

const (
	tagSession = "sts:TagSession"
	setSource  = "sts:SetSourceIdentity"
)

// add notes what one condition looks for.
func (w *wanted) add(q *Question, e *authz.Evidence, d *policy.Document, c *policy.Condition) {
	w.conditions++
	op := arn.Fold(c.Operator)
	for _, quantifier := range []string{"forallvalues:", "foranyvalue:"} {
		if rest, ok := strings.CutPrefix(op, quantifier); ok {
			op, w.many, w.loose = rest, true, true
		}
	}
	for _, v := range c.Values {
		text, ok, chosen := v.Text, true, false
		if d.Variables() {
			text, ok, chosen = fill(q, e.Request.Context, text)
		}
		if chosen {
			w.conditions, w.loose = w.conditions+1, true
		}
		if ok {
			w.value(op, text)
		}
	}
}

// value adds samples of what an operator tells apart by one value.
func (w *wanted) value(op, text string) {
	switch {
	case strings.HasPrefix(op, "numeric"):
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n == math.MaxInt64 || n == math.MinInt64 {
			w.loose = true
			w.values = append(w.values, text)
			return
		}
		for _, m := range []int64{n, n - 1, n + 1} {
			w.values = append(w.values, strconv.FormatInt(m, 10))
		}
	case strings.HasPrefix(op, "date"):
		at, ok := instant(text)
		if !ok {
			w.conditions, w.loose = w.conditions+1, true
			return
		}
		for _, d := range []time.Duration{0, -time.Second, time.Second} {
			w.values = append(w.values, at.Add(d).UTC().Format("2006-01-02T15:04:05Z"))
		}
	case strings.HasPrefix(op, "bool"):
		w.values = append(w.values, "true", "false")
	case strings.Contains(op, "ipaddress"):
		w.prefix(text)
	case op == "null":
	default:
		if strings.HasPrefix(op, "string") && strings.Contains(op, "like") || strings.HasPrefix(op, "arn") {
			w.loose = w.loose || strings.ContainsAny(text, "*?")
			text = strings.NewReplacer("*", "", "?", "x").Replace(text)
		}
		w.loose = w.loose || strings.Contains(op, "ignorecase") || strings.HasPrefix(op, "binary")
		w.values = append(w.values, text)
	}
}

func instant(text string) (time.Time, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(n, 0), true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// prefix adds the addresses at the ends of a block and those beside it: of
// blocks that nest or stand apart, one lies in every part that they make.
func (w *wanted) prefix(text string) {
	if !strings.Contains(text, "/") {
		if a, err := netip.ParseAddr(text); err == nil {
			text = netip.PrefixFrom(a, a.BitLen()).String()
		}
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		w.loose = true
		return
	}
	first := p.Masked().Addr()
	raw := first.AsSlice()
	for bit := p.Bits(); bit < first.BitLen(); bit++ {
		raw[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(raw)
	for _, a := range []netip.Addr{first, last, first.Prev(), last.Next()} {
		if a.IsValid() {
			w.values = append(w.values, a.String())
		}
	}
}

// fill puts values for the policy variables of a text. It is not ok when one
// has none, as it then matches nothing, or when one is the caller's choice or is
// not told here: chosen.
func fill(q *Question, ctx *policy.Context, text string) (filled string, ok, chosen bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String(), true, false
		}
		name, after, closed := strings.Cut(rest, "}")
		switch {
		case !closed, strings.Contains(name, ","), free(q, arn.Fold(name)):
			return "", false, true
		case name == "*" || name == "?" || name == "$":
			b.WriteString(name)
		default:
			values, multi, ok := ctx.Lookup(name)
			if !ok || multi || len(values) != 1 {
				return "", false, false
			}
			b.WriteString(values[0])
		}
		text = after
	}
}

// slot makes the choices for a key of what is wanted. It is not ok when another
// slot has them already.
func (w *wanted) slot(q *Question, key string, others []slot) (slot, bool) {
	one := func(v string) []authz.Key {
		if w.many {
			return []authz.Key{authz.Many(w.name, v)}
		}
		return []authz.Key{authz.One(w.name, v)}
	}
	s := slot{key: key, name: w.name, options: [][]authz.Key{nil}}
	switch key {
	case keyMFA, keyMFAAge:
		s.key, s.name = keyMFA, "aws:MultiFactorAuthPresent"
		s.options = append(s.options, []authz.Key{authz.One(s.name, "true"), authz.One("aws:MultiFactorAuthAge", "0")})
	case keyNow, keyEpoch:
		s.key, s.name = keyNow, "aws:CurrentTime"
		s.options = append(s.options, w.instants(q.Facts.Now)...)
		for i := range others { // the other one of the two
			if others[i].key == keyNow {
				others[i].options = append(others[i].options, s.options[1:]...)
			}
		}
	case keyIP:
		s.options = nil // every request comes from somewhere
		for _, v := range append(w.values, "192.0.2.1", "2001:db8::1") {
			s.options = append(s.options, one(v))
		}
	default:
		if key == keySession {
			s.options = nil // the one of the need is replaced
		}
		for _, v := range append(w.values, fresh(w.values)) {
			if valid(key, v) {
				s.options = append(s.options, one(v))
			}
		}
	}
	return s, !slices.ContainsFunc(others, func(o slot) bool { return o.key == s.key })
}

// instants are the choices for the time of a request: it is now, or will be later.
func (w *wanted) instants(now time.Time) (options [][]authz.Key) {
	for _, v := range w.values {
		if at, ok := instant(v); ok && at.After(now) {
			text := at.UTC().Format("2006-01-02T15:04:05Z")
			options = append(options, []authz.Key{authz.One("aws:CurrentTime", text), authz.One("aws:EpochTime", strconv.FormatInt(at.Unix(), 10))})
		}
	}
	return options
}

// fresh returns a value that is none of those.
func fresh(values []string) string {
	v := "other"
	for slices.ContainsFunc(values, func(o string) bool { return arn.EqualFold(o, v) }) {
		v += "x"
	}
	return v
}

// valid reports whether a request may have the value: STS refuses others
// before it looks at policies.
func valid(key, v string) bool {
	var extra string
	var longest int
	switch key {
	case keySession, keySource:
		extra, longest = "_+=,.@-", 64
	case keyID:
		extra, longest = "_+=,.@:/-", 1224
	default:
		return true
	}
	if len(v) < 2 || len(v) > longest || key == keySource && strings.HasPrefix(arn.Fold(v), "aws:") {
		return false
	}
	return strings.IndexFunc(v, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(extra, r)
	}) < 0
}

// A search looks for a request that is allowed.
type search struct {
	a     *Analyzer
	tx    *store.Tx
	q     *Question
	slots []slot
	rough bool
	best  Verdict // the refusal that came furthest
	// allowed is what the last request that was allowed was decided from.
	allowed *authz.Evidence
}

// run tries one combination of choices after another, those that ask least first.
func (w *search) run() (Verdict, error) {
	w.best = Verdict{Status: Blocked, Outcome: policy.ExplicitDeny}
	at := make([]int, len(w.slots))
	for i := range w.slots {
		if len(w.slots[i].options) == 0 { // nothing valid: as if nobody said anything
			w.slots[i].options = [][]authz.Key{nil}
		}
	}
	for tried := 0; ; tried++ {
		if tried == maxTried {
			w.best.Rough = true
			return w.best, nil
		}
		ok, err := w.try(at)
		if err != nil {
			return Verdict{}, err
		}
		if ok {
			return w.least(at)
		}
		if !w.next(at) {
			w.best.Rough = w.rough
			return w.best, nil
		}
	}
}

// next moves on to the next combination; it is false after the last.
func (w *search) next(at []int) bool {
	for i := range at {
		if at[i]++; at[i] < len(w.slots[i].options) {
			return true
		}
		at[i] = 0
	}
	return false
}

// least leaves out of what is allowed what is not needed.
func (w *search) least(at []int) (Verdict, error) {
	for i := range at {
		was := at[i]
		if was == 0 || w.slots[i].options[0] != nil {
			continue
		}
		at[i] = 0
		ok, err := w.try(at)
		if err != nil {
			return Verdict{}, err
		}
		if !ok {
			at[i] = was
		}
	}
	v := Verdict{Status: Allowed, Outcome: policy.Allow, Evidence: w.allowed}
	for i, s := range w.slots {
		if option := s.options[at[i]]; len(option) > 0 {
			v.Conditions = append(v.Conditions, Condition{s.name, option[0].Values[0]})
		}
	}
	return v, nil
}

// try decides the actions that a request with these choices needs.
func (w *search) try(at []int) (bool, error) {
	var facts []authz.Key
	var tags []string
	actions := []string{w.q.Need.Action}
	for i, s := range w.slots {
		option := s.options[at[i]]
		facts = append(facts, option...)
		switch {
		case len(option) == 0:
		case strings.HasPrefix(s.key, requestTag):
			tags = append(tags, s.name[len(requestTag):])
		case s.key == keySource:
			actions = append(actions, setSource)
		}
	}
	if len(tags) > 0 {
		facts, actions = append(facts, authz.Many("aws:TagKeys", tags...)), append(actions, tagSession)
	}
	var first *authz.Evidence
	for i, action := range actions {
		e, err := w.a.gather(w.tx, w.q, action, facts)
		if err != nil {
			return false, err
		}
		if d := e.Layers.Decide(e.Request); d.Outcome != policy.Allow {
			w.refused(d)
			return false, nil
		}
		if i == 0 {
			first = e
		}
	}
	w.allowed = first
	return true, nil
}

// refused keeps the refusal that came furthest: one that nothing denies, by the
// layer that is asked last.
func (w *search) refused(d policy.Decision) {
	better := w.best.Layer == policy.LayerNone || d.Outcome == policy.ImplicitDeny && (w.best.Outcome == policy.ExplicitDeny || d.Layer > w.best.Layer)
	if better {
		w.best.Layer, w.best.Outcome = d.Layer, d.Outcome
	}
}

// String is how a condition is written in a list.
func (c Condition) String() string { return fmt.Sprintf("%s=%s", c.Key, c.Value) }
