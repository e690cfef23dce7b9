// Command cataloggen writes the static tables of package catalog from the
// compressed files under catalog/data. It runs in catalog, by go generate.
//
// The compressed files are the data and are what catalog embeds: gzip members
// one after the other, each of which can be read alone, and zcat reads them all.
// With -pack DIR cataloggen makes them anew from a directory that holds
// service-authorization/*.json and managed-policies.ndjson, as NOTICE names them,
// and from data/regent.json, which says the same of Regent's own service.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

const (
	servicesFile = "data/service-authorization.ndjson.gz"
	policiesFile = "data/managed-policies.ndjson.gz"
	globalsFile  = "data/global-condition-keys.tsv"
	ownFile      = "data/regent.json"

	// policiesTogether is how many policies share a gzip member: more of them
	// compress better, fewer are unpacked faster.
	policiesTogether = 16
)

func main() {
	from := flag.String("pack", "", "make the compressed files from this `directory` first")
	flag.Parse()
	if err := run(*from); err != nil {
		fmt.Fprintln(os.Stderr, "cataloggen:", err)
		os.Exit(1)
	}
}

func run(from string) error {
	if from != "" {
		if err := pack(from); err != nil {
			return fmt.Errorf("packing: %w", err)
		}
	}
	services, index, err := readServices()
	if err != nil {
		return err
	}
	keys, err := collectKeys(services)
	if err != nil {
		return err
	}
	policies, err := policyTables()
	if err != nil {
		return err
	}
	return errors.Join(
		write("services_gen.go", serviceTables(services, index)),
		write("keys_gen.go", keyTables(keys)),
		write("policies_gen.go", policies),
	)
}

// pack writes the compressed files from the published ones.
func pack(from string) error {
	files, err := filepath.Glob(filepath.Join(from, "service-authorization", "*.json"))
	if err != nil {
		return err
	}
	files = append(files, ownFile)
	slices.SortFunc(files, func(a, b string) int {
		return strings.Compare(strings.TrimSuffix(filepath.Base(a), ".json"), strings.TrimSuffix(filepath.Base(b), ".json"))
	})
	var members [][]byte
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var line bytes.Buffer
		if err := json.Compact(&line, src); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		line.WriteByte('\n')
		members = append(members, line.Bytes())
	}
	if err := writeMembers(servicesFile, members); err != nil {
		return err
	}
	src, err := os.ReadFile(filepath.Join(from, "managed-policies.ndjson"))
	if err != nil {
		return err
	}
	lines := slices.Collect(bytes.Lines(src))
	members = nil
	for chunk := range slices.Chunk(lines, policiesTogether) {
		members = append(members, bytes.Join(chunk, nil))
	}
	return writeMembers(policiesFile, members)
}

func writeMembers(name string, members [][]byte) error {
	var out bytes.Buffer
	for _, member := range members {
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(member); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

// A span is where a gzip member stands in its file.
type span struct{ from, length int }

// members returns what each gzip member of a file holds, and where it stands.
func members(name string) ([][]byte, []span, error) {
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	var contents [][]byte
	var spans []span
	for r := bytes.NewReader(file); r.Len() > 0; {
		from := len(file) - r.Len()
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, fmt.Errorf("%s at %d: %w", name, from, err)
		}
		z.Multistream(false)
		content, err := io.ReadAll(z)
		if err != nil {
			return nil, nil, fmt.Errorf("%s at %d: %w", name, from, err)
		}
		contents = append(contents, content)
		spans = append(spans, span{from, len(file) - r.Len() - from})
	}
	return contents, spans, nil
}

// A service is what the tables need of a service's entry.
type service struct {
	Prefix  string
	Actions map[string]struct {
		Resources []struct{ Type string }
	}
	Keys map[string]string
}

func readServices() ([]service, []span, error) {
	contents, spans, err := members(servicesFile)
	if err != nil {
		return nil, nil, err
	}
	services := make([]service, len(contents))
	for i, content := range contents {
		if err := json.Unmarshal(content, &services[i]); err != nil {
			return nil, nil, fmt.Errorf("%s: entry %d: %w", servicesFile, i, err)
		}
		if prefix := services[i].Prefix; prefix != arn.Fold(prefix) {
			return nil, nil, fmt.Errorf("%s: the prefix %s is not in lower case", servicesFile, prefix)
		}
	}
	if !slices.IsSortedFunc(services, func(a, b service) int { return strings.Compare(a.Prefix, b.Prefix) }) {
		return nil, nil, fmt.Errorf("%s: the services are not in order", servicesFile)
	}
	return services, spans, nil
}
