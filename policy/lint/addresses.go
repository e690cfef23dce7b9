package lint

import (
	"net/netip"
	"strings"
)

// addressRules look at IP addresses.
var addressRules = []rule{{"addresses", checkAddresses}}

// privateNetworks are what no address of aws:SourceIp is in.
var privateNetworks = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
}

func checkAddresses(c *checker) { //nolint:gocognit // a flat list of cases, each of a line or two
	c.each(func(_ *statement, cond *condition) {
		if cond.op.family != addressFamily {
			return
		}
		private, public := 0, 0
		for _, v := range cond.values {
			if hasVariable(v.text) {
				public++ // who knows
				continue
			}
			network, ok := parseNetwork(v.text)
			if !ok {
				c.report("TYPE_MISMATCH_IP_RANGE", c.at(v.node), hole{"operator", cond.operator.key})
				continue
			}
			if network != network.Masked() {
				c.report("IMPROVE_IP_RANGE", c.at(v.node), hole{"addr", network.Masked().String()})
			}
			if isPrivate(network) {
				private++
			} else {
				public++
			}
		}
		if private == 0 || !cond.is("aws:sourceip") {
			return
		}
		code := "PRIVATE_IP_ADDRESS"
		if cond.op.negated {
			code = "PRIVATE_NOT_IP_ADDRESS"
		}
		if public > 0 {
			code += "_SUBSET"
		}
		c.report(code, c.at(cond.key.value))
	})
}

// parseNetwork reads an address or a range of them.
func parseNetwork(text string) (netip.Prefix, bool) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		return p, err == nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

// isPrivate reports whether all of a network is private.
func isPrivate(n netip.Prefix) bool {
	for _, private := range privateNetworks {
		if private.Bits() <= n.Bits() && private.Contains(n.Addr()) {
			return true
		}
	}
	return false
}
