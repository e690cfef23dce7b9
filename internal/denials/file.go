package denials

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	fileName = "denials.jsonl"
	// maxPending bounds what waits to be written while writing fails. Beyond
	// it denials are in memory only.
	maxPending = 4 << 20
	// slack is how many bytes of denials that are let go the file may hold
	// beside those that are kept.
	slack = 4 << 20
	// lookEvery is how often denials whose time is over are looked for.
	lookEvery = time.Hour
)

// A logFile is the file that denials are appended to, a line each.
type logFile struct {
	dir  string
	f    *os.File
	size int64
}

// openLog opens the file in dir and hands every whole line of it to load.
func openLog(dir string, load func(line []byte)) (*logFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &logFile{dir: dir}
	if err := l.read(load); err != nil {
		return nil, err
	}
	return l, l.open()
}

func (l *logFile) path() string { return filepath.Join(l.dir, fileName) }

// read reads the file. A line that a crash cut short is left out.
func (l *logFile) read(load func(line []byte)) error {
	f, err := os.Open(l.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	lines := bufio.NewReaderSize(f, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return errors.Join(err, f.Close())
		}
		if len(line) <= 2*maxEntry {
			load(bytes.TrimSuffix(line, []byte{'\n'}))
		}
	}
}

// open opens the file for appending.
func (l *logFile) open() error {
	f, err := os.OpenFile(l.path(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().Perm() != 0o600 {
		err = f.Chmod(0o600)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.f, l.size = f, info.Size()
	return nil
}

func (l *logFile) close() error {
	if l.f == nil {
		return nil
	}
	err := l.f.Close()
	l.f = nil
	return err
}

// append adds lines and has them on the disk when it returns.
func (l *logFile) append(lines []byte) error {
	if l.f == nil {
		if err := l.open(); err != nil {
			return err
		}
	}
	n, err := l.f.Write(lines)
	l.size += int64(n)
	if err != nil {
		return err
	}
	return l.f.Sync()
}

// replace puts a file with nothing but lines in the place of the old one, in
// one step.
func (l *logFile) replace(lines [][]byte) (err error) {
	f, err := os.CreateTemp(l.dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error says more
		}
	}()
	w := bufio.NewWriterSize(f, 64<<10)
	for _, line := range lines {
		_, _ = w.Write(line) // Flush tells
		_ = w.WriteByte('\n')
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), l.path()); err != nil {
		return err
	}
	return errors.Join(l.close(), l.open())
}

// Run writes denials as they come until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			s.expireAll()
			s.note(s.tidy())
			continue
		case <-s.some:
		}
		select { // what comes meanwhile goes with it
		case <-ctx.Done():
			return nil
		case <-time.After(s.o.FlushEvery):
		}
		s.note(errors.Join(s.Flush(), s.tidy()))
	}
}

// note logs the first of a row of failures.
func (s *Store) note(err error) {
	s.fileMu.Lock()
	first := err != nil && !s.failing
	s.failing = err != nil
	s.fileMu.Unlock()
	if first {
		s.o.Log.Error("denials cannot be written", slog.Any("error", err))
	}
}

// Flush writes what waits.
func (s *Store) Flush() error {
	s.fileMu.Lock()
	defer s.fileMu.Unlock()
	s.mu.Lock()
	lines := s.pending
	s.pending = nil
	s.mu.Unlock()
	if len(lines) == 0 {
		return nil
	}
	err := s.file.append(lines)
	if err != nil {
		// What was written in part is whole again once all is rewritten.
		s.file.size += slack + int64(s.o.MaxBytes)
	}
	return err
}

// tidy rewrites the file when too much of it is of denials that are let go.
func (s *Store) tidy() error {
	s.mu.Lock()
	kept := int64(s.bytes)
	s.mu.Unlock()
	s.fileMu.Lock()
	size := s.file.size
	s.fileMu.Unlock()
	if size <= 2*kept+slack {
		return nil
	}
	return s.compact()
}

func (s *Store) expireAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, a := range s.accounts {
		if s.expire(a); len(a.entries) == 0 {
			delete(s.accounts, id)
		}
	}
}

// compact rewrites the file with what is kept and nothing else.
func (s *Store) compact() error {
	s.fileMu.Lock()
	defer s.fileMu.Unlock()
	s.mu.Lock()
	var all []*entry
	for _, a := range s.accounts {
		all = append(all, a.entries...)
	}
	s.pending = nil // is among them, or let go by now
	s.mu.Unlock()
	slices.SortStableFunc(all, func(a, b *entry) int { return a.at.Compare(b.at) })
	lines := make([][]byte, len(all))
	for i, e := range all {
		lines[i] = e.line
	}
	return s.file.replace(lines)
}

// Close writes what waits and closes the file.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.Flush()
	s.fileMu.Lock()
	defer s.fileMu.Unlock()
	return errors.Join(err, s.file.close())
}
