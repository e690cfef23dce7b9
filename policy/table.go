package policy

// A table holds the statements of one effect, sorted by the actions they can
// match, so that the others are not looked at.
type table struct {
	statements []*statement

	exact lists // by hash of the whole action
	wild  lists // by hash of the service
	rest  []*statement
}

// A list is an action pattern and the statements that have it: the pattern is
// compared once for all of them.
type list struct {
	pattern    actionPattern
	statements []*statement
}

// lists finds lists by hash: a few are searched, many are mapped.
type lists struct {
	hashes []uint32
	lists  []list
	byHash map[uint32][]int
}

const searched = 12

func (t *table) add(s *statement) { t.statements = append(t.statements, s) }

// index sorts the statements after all have been added. One that stands under
// several patterns may be compared twice, which changes nothing.
func (t *table) index() {
	exact, wild := map[string]int{}, map[string]int{}
	for _, s := range t.statements {
		if s.notAction || hasWildVendor(s) {
			t.rest = append(t.rest, s)
			continue
		}
		for i := range s.actions {
			switch p := &s.actions[i]; p.shape {
			case actionExact:
				t.exact.add(exact, p.whole, p.wholeHash, *p, s)
			case actionAround, actionSeveral:
				t.wild.add(wild, p.service+":"+p.name, p.serviceHash, *p, s)
			case actionNone, actionAll, actionVendor:
			}
		}
	}
	t.exact.seal()
	t.wild.seal()
}

func hasWildVendor(s *statement) bool {
	for i := range s.actions {
		if shape := s.actions[i].shape; shape == actionAll || shape == actionVendor {
			return true
		}
	}
	return false
}

func (l *lists) add(seen map[string]int, key string, hash uint32, p actionPattern, s *statement) {
	at, ok := seen[key]
	if !ok {
		at = len(l.lists)
		seen[key] = at
		l.lists = append(l.lists, list{pattern: p})
		l.hashes = append(l.hashes, hash)
	}
	of := &l.lists[at]
	if n := len(of.statements); n == 0 || of.statements[n-1] != s {
		of.statements = append(of.statements, s)
	}
}

func (l *lists) seal() {
	if len(l.lists) <= searched {
		return
	}
	l.byHash = make(map[uint32][]int, len(l.lists))
	for i, hash := range l.hashes {
		l.byHash[hash] = append(l.byHash[hash], i)
	}
}

// strongest returns the statement that matches with the strongest grant, and
// stops at the first one that grants as much as enough.
func (t *table) strongest(e *evaluation, enough Grant) (Grant, *statement) {
	if len(t.statements) == 0 {
		return NoGrant, nil
	}
	var best found
	if t.exact.search(e, e.action.whole, enough, &best) || t.wild.search(e, e.action.service, enough, &best) {
		return best.grant, best.statement
	}
	for _, s := range t.rest {
		if s.matchAction(e) && best.take(s.match(e), s, enough) {
			break
		}
	}
	return best.grant, best.statement
}

type found struct {
	grant     Grant
	statement *statement
}

// take keeps the stronger grant and reports whether it is enough.
func (f *found) take(g Grant, s *statement, enough Grant) bool {
	if g > f.grant {
		f.grant, f.statement = g, s
	}
	return f.grant >= enough
}

func (l *lists) search(e *evaluation, hash uint32, enough Grant, best *found) bool {
	if l.byHash != nil {
		for _, i := range l.byHash[hash] {
			if l.lists[i].search(e, enough, best) {
				return true
			}
		}
		return false
	}
	for i, h := range l.hashes {
		if h == hash && l.lists[i].search(e, enough, best) {
			return true
		}
	}
	return false
}

func (l *list) search(e *evaluation, enough Grant, best *found) bool {
	if !l.pattern.match(&e.action) {
		return false
	}
	for _, s := range l.statements {
		if best.take(s.match(e), s, enough) {
			return true
		}
	}
	return false
}
