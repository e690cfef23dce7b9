package servicetest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/regent-iam/regent/internal/record"
)

// Recorder is where the harness's events go.
func (h *Harness) Recorder() *record.Recorder { return h.recorder }

// Events returns the record's events of an operation, in the order in which
// they were written: the members of their JSON.
func (h *Harness) Events(operation string) []map[string]any {
	h.t.Helper()
	if err := h.recorder.Flush(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(h.trail, "events.jsonl"))
	if err != nil {
		h.t.Fatal(err)
	}
	var events []map[string]any
	for line := range bytes.Lines(text) {
		var e map[string]any
		if err := json.Unmarshal(line, &e); err != nil {
			h.t.Fatalf("servicetest: a record is no JSON: %v: %s", err, line)
		}
		if e["eventName"] == operation {
			events = append(events, e)
		}
	}
	return events
}
