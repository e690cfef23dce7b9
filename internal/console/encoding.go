package console

import (
	"strconv"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// negotiate returns the encoding that a client prefers among those that there
// are, which stand in the server's own order; nil when it takes none of them
// (RFC 9110, 12.5.3).
func negotiate(accepted []string, there []encoding) *encoding {
	weights := map[string]float64{}
	for _, field := range accepted {
		for item := range strings.SplitSeq(field, ",") {
			coding, parameters, _ := strings.Cut(item, ";")
			weights[arn.Fold(strings.TrimSpace(coding))] = weightOf(parameters)
		}
	}
	var best *encoding
	var most float64
	for i := range there {
		weight, named := weights[there[i].coding]
		if !named {
			weight = weights["*"]
		}
		if weight > most {
			best, most = &there[i], weight
		}
	}
	if most < weights["identity"] {
		return nil
	}
	return best
}

// weightOf reads the q parameter: 1 when there is none, 0 when it is no weight.
func weightOf(parameters string) float64 {
	name, value, given := strings.Cut(parameters, "=")
	if !given {
		return 1
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || arn.Fold(strings.TrimSpace(name)) != "q" || !(weight >= 0 && weight <= 1) {
		return 0
	}
	return weight
}
