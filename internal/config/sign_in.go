package config

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

func setRoleSession(c *Config, v string) error {
	if v != "renewed" && v != "strict" {
		return fmt.Errorf("%q is neither renewed nor strict", v)
	}
	c.SignInStrictRoles = v == "strict"
	return nil
}

func setDestinations(c *Config, v string) error {
	c.SignInDestinations = split(v)
	for _, d := range c.SignInDestinations {
		if !isDestination(d) {
			return fmt.Errorf("%q is not an https URL of a host and a path that ends in a slash", d)
		}
	}
	return nil
}

// isDestination reports whether an address can be a destination. There is one
// spelling of each: what is asked for is compared with it letter by letter.
func isDestination(d string) bool {
	u, err := url.Parse(d)
	if err != nil || u.Hostname() == "" || u.Scheme+"://"+u.Host+u.Path != d {
		return false
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return false
	}
	if u.Path != "/" && u.Path != path.Clean(u.Path)+"/" {
		return false
	}
	if strings.ContainsFunc(u.Host, func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
		return false
	}
	return !strings.ContainsFunc(d, func(r rune) bool { return r <= 0x20 || r >= 0x7f || r == '%' || r == '\\' })
}
