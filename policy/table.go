package policy

// A table finds the statements of one effect by the actions that they can
// match, so that the others are not looked at.
type table struct {
	may   actionBits // the actions that some statement may match
	exact lists      // by hash of the whole action
	wild  lists      // by hash of the service
	rest  []*statement
}

// A list is an action pattern and the statements that have it: the pattern is
// compared once for all of them.
type list struct {
	hash       uint32
	bits       actionBits // the actions that the pattern may match
	pattern    *actionPattern
	statements []*statement
	next       int // 1 + the next list of the same hash, where lists are mapped
}

// lists finds lists by hash: a few are searched, many are mapped.
type lists struct {
	lists  []list
	byHash map[uint32]int // 1 + the first list
	byText map[string]int // of patterns, while statements are added: 1 + the list
}

const searched = 12

// newTable sorts the statements of one effect. One that stands under several
// patterns may be compared twice, which changes nothing.
func newTable(statements []*statement, effect Effect) table {
	var t table
	var patterns [actionVendor + 1]int // so many of each shape
	for _, s := range statements {
		for i := range s.actions {
			if s.effect == effect {
				patterns[s.actions[i].shape]++
			}
		}
	}
	t.exact.grow(patterns[actionExact])
	t.wild.grow(patterns[actionAround] + patterns[actionSeveral])
	for i, s := range statements {
		if s.effect == effect {
			t.add(statements[i : i+1 : i+1])
		}
	}
	t.exact.seal()
	t.wild.seal()
	return t
}

// add adds the one statement of a slice, which serves as the statements of a list.
func (t *table) add(one []*statement) {
	s := one[0]
	if s.notAction || hasWildVendor(s) {
		t.rest = append(t.rest, s)
		t.may = allActions
		return
	}
	for i := range s.actions {
		p := &s.actions[i]
		t.may |= p.bits
		switch p.shape {
		case actionExact:
			t.exact.add(p, p.wholeHash, one)
		case actionAround, actionSeveral:
			t.wild.add(p, p.serviceHash, one)
		case actionNone, actionAll, actionVendor:
		}
	}
}

func hasWildVendor(s *statement) bool {
	for i := range s.actions {
		if shape := s.actions[i].shape; shape == actionAll || shape == actionVendor {
			return true
		}
	}
	return false
}

// grow makes room for so many lists.
func (l *lists) grow(n int) {
	l.lists = make([]list, 0, n)
	if n > searched {
		l.byText = make(map[string]int, n)
	}
}

func (l *lists) add(p *actionPattern, hash uint32, one []*statement) {
	of := l.find(p.text)
	if of == nil {
		l.lists = append(l.lists, list{hash: hash, bits: p.bits, pattern: p, statements: one})
		if l.byText != nil {
			l.byText[p.text] = len(l.lists)
		}
		return
	}
	if of.statements[len(of.statements)-1] != one[0] {
		of.statements = append(of.statements, one[0])
	}
}

// find returns the list of a pattern, nil when there is none yet.
func (l *lists) find(pattern string) *list {
	if l.byText != nil {
		if at := l.byText[pattern]; at > 0 {
			return &l.lists[at-1]
		}
		return nil
	}
	for i := range l.lists {
		if l.lists[i].pattern.text == pattern {
			return &l.lists[i]
		}
	}
	return nil
}

// seal makes the lists ready to be searched.
func (l *lists) seal() {
	l.byText = nil
	if len(l.lists) <= searched {
		return
	}
	l.byHash = make(map[uint32]int, len(l.lists))
	for i := len(l.lists) - 1; i >= 0; i-- { // so that those of one hash keep their order
		of := &l.lists[i]
		of.next = l.byHash[of.hash]
		l.byHash[of.hash] = i + 1
	}
}

// strongest returns the statement that matches with the strongest grant, and
// stops at the first one that grants as much as enough.
func (t *table) strongest(e *evaluation, enough Grant) (Grant, *statement) {
	if t.may&e.action.bit == 0 {
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
		for at := l.byHash[hash]; at > 0; at = l.lists[at-1].next {
			if l.lists[at-1].search(e, enough, best) {
				return true
			}
		}
		return false
	}
	for i := range l.lists {
		if of := &l.lists[i]; of.hash == hash && of.bits&e.action.bit != 0 && of.search(e, enough, best) {
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
