package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	currentName  = "events.jsonl"
	filledPrefix = "events-"
	filledSuffix = ".jsonl"
	// filledTime sorts by name as by time.
	filledTime = "20060102T150405.000000000Z"
)

// A trail is the files of a directory. It is used by one goroutine at a time.
type trail struct {
	dir string
	max int64
	now func() time.Time
	// warn is told why no new file can be begun; the old one is used on.
	warn func(error)

	file *os.File // nil after a failed write
	// size is how much of the file is known to be whole lines, -1 when nothing
	// is known of the file that is there.
	size int64
	day  int // of the records in the file
	last time.Time
	// held keeps the file from being followed by another: it has records whose
	// removal from the outbox is not committed, which a restart looks for in it.
	held bool
}

// openTrail opens the files of dir.
func openTrail(dir string, maxSize int64, now func() time.Time, warn func(error)) (*trail, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory that was there is closed to others (TH-109)
		return nil, err
	}
	t := &trail{dir: dir, max: maxSize, now: now, warn: warn}
	filled, err := t.filled()
	if err != nil {
		return nil, err
	}
	if n := len(filled); n > 0 {
		t.last, _ = filledAt(filled[n-1])
	}
	if err := t.open(); err != nil {
		return nil, err
	}
	if err := t.repair(); err != nil {
		return nil, errors.Join(err, t.file.Close())
	}
	return t, nil
}

// filled returns the names of the files before the current one, oldest first.
func (t *trail) filled() ([]string, error) {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if _, ok := filledAt(e.Name()); ok {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// filledAt returns when the file of that name was filled, and whether it is one
// of ours.
func filledAt(name string) (time.Time, bool) {
	stamp, ok := strings.CutPrefix(name, filledPrefix)
	stamp, ours := strings.CutSuffix(stamp, filledSuffix)
	t, err := time.Parse(filledTime, stamp)
	return t, ok && ours && err == nil
}

func (t *trail) path(name string) string { return filepath.Join(t.dir, name) }

// open opens the current file, and makes it if there is none.
func (t *trail) open() error {
	f, err := os.OpenFile(t.path(currentName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", currentName)
	}
	if err == nil {
		err = f.Chmod(0o600)
	}
	if err == nil && info.Size() == 0 { // it may be new
		err = syncDir(t.dir)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	t.file, t.size, t.day = f, info.Size(), dayOf(info.ModTime())
	if t.size == 0 {
		t.day = dayOf(t.now())
	}
	return nil
}

// syncDir makes sure that the names in dir outlast a loss of power.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func dayOf(t time.Time) int { return int(t.Unix() / (24 * 60 * 60)) }

// repair removes what follows the last line end: a line that was cut short.
func (t *trail) repair() error {
	var block [64 << 10]byte
	end := t.size
	for end > 0 {
		from := max(0, end-int64(len(block)))
		b := block[:end-from]
		if _, err := t.file.ReadAt(b, from); err != nil {
			return err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			end = from + int64(i) + 1
			break
		}
		end = from
	}
	if end == t.size {
		return nil
	}
	t.size = end
	return t.file.Truncate(end)
}

// reopen opens the file again after a write to it failed, and removes what that
// write left behind; or opens what is in the place of a file that was taken away.
func (t *trail) reopen() error {
	size, day := t.size, t.day
	if err := t.open(); err != nil {
		return err
	}
	t.day = day
	var err error
	switch {
	case size < 0:
		err = t.repair()
	case t.size > size:
		t.size = size
		err = t.file.Truncate(size)
	}
	if err != nil {
		t.abandon()
		t.size = size
	}
	return err
}

// inPlace reports whether the open file is the one that has its name.
func (t *trail) inPlace() bool {
	ours, err := t.file.Stat()
	if err != nil {
		return true // writing to it will tell
	}
	there, err := os.Lstat(t.path(currentName))
	return err == nil && os.SameFile(ours, there)
}

// abandon closes a file that cannot be relied on; the next write opens it again.
func (t *trail) abandon() {
	if t.file != nil {
		_ = t.file.Close() // nothing more is to be learned from it
		t.file = nil
	}
}

// write appends whole lines, all or none.
func (t *trail) write(lines []byte) error {
	if t.file != nil && !t.inPlace() {
		t.abandon()
		t.size = -1
	}
	if t.file == nil {
		if err := t.reopen(); err != nil {
			return err
		}
	}
	today := dayOf(t.now())
	if t.size > 0 && !t.held && (t.size+int64(len(lines)) > t.max || today != t.day) {
		if err := t.follow(); err != nil {
			t.warn(err)
		}
	}
	if _, err := t.file.Write(lines); err != nil {
		t.abandon()
		return err
	}
	t.size += int64(len(lines))
	return nil
}

// follow begins a new file. When it cannot, the old one stays in use.
func (t *trail) follow() error {
	stamp := t.now().UTC()
	if !stamp.After(t.last) {
		stamp = t.last.Add(1)
	}
	current, filled := t.path(currentName), t.path(filledPrefix+stamp.Format(filledTime)+filledSuffix)
	if _, err := os.Lstat(filled); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s is in the way", filled))
	}
	if err := os.Rename(current, filled); err != nil {
		return err
	}
	old := t.file
	if err := t.open(); err != nil {
		return errors.Join(err, os.Rename(filled, current))
	}
	t.last = stamp
	return old.Close()
}

// ids returns the ids of the records in the current file and the one before.
func (t *trail) ids() (map[string]struct{}, error) {
	names, err := t.filled()
	if err != nil {
		return nil, err
	}
	names = append(names, currentName)
	ids := map[string]struct{}{}
	for _, name := range names[max(0, len(names)-2):] {
		if err := idsOf(t.path(name), ids); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func idsOf(path string, ids map[string]struct{}) (err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // taken away; the next write makes another
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for r := bufio.NewReaderSize(f, maxRecord+1); ; {
		line, err := r.ReadSlice('\n')
		if id := idOf(line); id != "" {
			ids[id] = struct{}{}
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// idOf returns the id of a record, and "" of what is none.
func idOf(line []byte) string {
	rest, ok := bytes.CutPrefix(line, []byte(lineHead))
	if !ok {
		return ""
	}
	id, _, ok := bytes.Cut(rest, []byte{'"'})
	if !ok {
		return ""
	}
	return string(id)
}

// reset removes all files and begins anew.
func (t *trail) reset() error {
	t.abandon()
	names, err := t.filled()
	if err != nil {
		return err
	}
	for _, name := range append(names, currentName) {
		if err := os.Remove(t.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	t.last, t.held = time.Time{}, false
	return t.open()
}
