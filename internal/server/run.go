package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/federation/oidc"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
)

// Limits of connections: a client that says nothing, or too slowly, does not
// hold one for long (TH-21). Bodies have limits of their own.
const (
	headerTimeout   = 15 * time.Second
	idleTimeout     = 2 * time.Minute
	maxHeader       = 64 << 10
	shutdownTimeout = 20 * time.Second
)

// OptionsOf returns the options that a configuration asks for.
func OptionsOf(c *config.Config, log *slog.Logger) Options {
	return Options{
		Data: c.Data, Region: c.Region, S3Hosts: c.S3Hosts, Proxies: c.TrustedProxies,
		Management: Management{identity.AccountID(c.ManagementID), c.ManagementName, c.ManagementEmail},
		RootKey:    RootKey{c.RootKeyID, seal.NewSecret(c.RootSecret)},
		MasterKey:  seal.NewSecret(c.MasterKey), MasterKeyFile: c.MasterKeyFile,
		Demo: c.Demo, Dev: c.Dev, MetricsToken: seal.NewSecret(c.MetricsToken), NoDataEvents: !c.DataEvents, Log: log, SealingKeyAge: c.SealingKeyAge,
		SignInCredentials: c.SignInCredentials, SignInIdle: c.SignInIdle, SignInDestinations: c.SignInDestinations, SignInStrictRoles: c.SignInStrictRoles,
		PublicURL: c.PublicAddress(), ConsoleHost: c.ConsoleHost, SAMLEndpoints: c.SAMLEndpoints,
		Federation: oidc.Options{Authorities: c.FederationCAs, Networks: c.FederationNetworks, LoopbackHTTP: c.FederationLoopback},
	}
}

// Run runs a server as c says until ctx ends, then lets requests that run end
// and stops. What people should read goes to out, the log to logs.
func Run(ctx context.Context, c *config.Config, out *os.File, logs io.Writer) (err error) {
	log := NewLog(logs)
	certificate, err := loadCertificate(c)
	if err != nil {
		return err
	}
	s, err := New(ctx, OptionsOf(c, log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	listener = limitPeers(listener, maxPeerConnections, c.TrustedProxies)
	if certificate != nil {
		listener = tls.NewListener(listener, certificate)
	}
	web := s.httpServer(log)
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	if err := s.greet(ctx, c, baseURL(listener.Addr(), certificate != nil), out); err != nil {
		return errors.Join(err, web.Close())
	}
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := web.Shutdown(stopping); err != nil {
		return errors.Join(fmt.Errorf("stopping: %w", err), web.Close())
	}
	return nil
}

// httpServer returns the HTTP server that serves s.
func (s *Server) httpServer(log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func loadCertificate(c *config.Config) (*tls.Config, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("loading the certificate: %w", err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}, nil
}

func baseURL(addr net.Addr, secure bool) string {
	if secure {
		return "https://" + addr.String()
	}
	return "http://" + addr.String()
}

// greet says what the server is and, at the first start, where its keys are.
// The root secret is shown only on a terminal: what is printed into a journal
// stays there (TH-53).
func (s *Server) greet(ctx context.Context, c *config.Config, url string, out *os.File) error {
	var b strings.Builder
	if first := s.first; first != nil && !c.Demo { // the demo's text is the same at every start
		fmt.Fprintf(&b, "First start: management account %s.\n", first.Account)
		if first.MasterKeyFile != "" {
			fmt.Fprintf(&b, "Master key: %s. Keep a copy elsewhere: without it nothing secret can be read again.\n", first.MasterKeyFile)
		}
		fmt.Fprintf(&b, "Root access key: %s, in %s.\n", first.Key.ID, first.File)
		if term.IsTerminal(int(out.Fd())) {
			fmt.Fprintf(&b, "Root secret: %s\n", first.Key.Secret.Reveal())
		}
	}
	if s.dev != nil {
		fmt.Fprintf(&b, "\n*** --dev: whoever reads %s can move the clock, reset this server and make root keys. ***\n\n", s.dev.tokenFile)
	}
	if c.Demo {
		text, err := s.demo(ctx, url)
		if err != nil {
			return fmt.Errorf("making the demo: %w", err)
		}
		b.WriteString(text)
	} else {
		fmt.Fprintf(&b, "Regent serves %s (region %s, data in %s).\n", url, s.options.Region, c.Data)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// Check reports whether a server could run as c says, without changing
// anything or taking a port.
func Check(_ context.Context, c *config.Config) error {
	if _, err := loadCertificate(c); err != nil {
		return err
	}
	if _, err := newSites(c.PublicAddress(), c.ConsoleHost, c.S3Hosts); err != nil {
		return err
	}
	if c.MasterKey != "" {
		if _, err := seal.ParseMaster(c.MasterKey); err != nil {
			return err
		}
	}
	if c.MasterKeyFile != "" {
		if _, err := seal.LoadMaster(c.MasterKeyFile); err != nil {
			return fmt.Errorf("master key: %w", err)
		}
	}
	info, err := os.Stat(c.Data)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", c.Data)
	}
	return nil
}
