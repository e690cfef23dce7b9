package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// An instance is a process that serves on an address of its own choice.
type instance struct {
	address string // host:port
	started time.Time
	cmd     *exec.Cmd
	done    chan error
}

var listening = regexp.MustCompile(`serves http://([0-9.:]+[0-9])`)

// serve starts a program that says where it serves.
func serve(ctx context.Context, program string, args ...string) (*instance, error) {
	s := &instance{cmd: exec.CommandContext(ctx, program, args...), done: make(chan error, 1)}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "REGENT_") && !strings.HasPrefix(e, "AWS_") {
			s.cmd.Env = append(s.cmd.Env, e)
		}
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var failure strings.Builder
	if args[0] == childVerb { // Regent's log goes to the null device
		s.cmd.Stderr = &failure
	}
	s.started = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	for s.address == "" {
		line, err := lines.ReadString('\n')
		if m := listening.FindStringSubmatch(line); m != nil {
			s.address = m[1]
		} else if err != nil {
			return nil, fmt.Errorf("%s %v ended before it served: %w %s", program, args, s.cmd.Wait(), failure.String())
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines) // until the process ends
		s.done <- s.cmd.Wait()
	}()
	return s, nil
}

func serveRegent(ctx context.Context, o options, data string) (*instance, error) {
	return serve(ctx, o.regent, "serve", "--listen", "127.0.0.1:0", "--data", data)
}

// stop ends the server as an operator would.
func (s *instance) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return <-s.done
}

// ticksPerSecond is what the kernel counts processor time in: USER_HZ, which is
// 100 on every platform that Go runs on.
const ticksPerSecond = 100

// cpu is the processor time that the server has used, zero where the system
// does not tell.
func (s *instance) cpu() time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	var ticks int
	for _, f := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// memory is what of the server is resident, in MiB: all of it, and what is not
// a file's; zero where the system does not tell.
func (s *instance) memory() (all, anonymous float64) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	find := func(name string) float64 {
		_, rest, ok := strings.Cut(string(raw), name+":")
		if !ok {
			return 0
		}
		kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		if err != nil {
			return 0
		}
		return kib / 1024
	}
	return find("VmRSS"), find("RssAnon")
}
