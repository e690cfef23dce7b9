package s3

import (
	"slices"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy"
)

// oracle answers what checking a bucket policy has to know of S3's actions, out
// of the service authorization reference (S3-76, S3-77).
func oracle() policy.Oracle {
	service, ok := catalog.ServiceByPrefix("s3")
	if !ok {
		return policy.Oracle{} // knows no action, so no document is valid
	}
	find := func(action string) *catalog.Action {
		a, ok := service.Action(action[len("s3:"):])
		if !ok {
			return &catalog.Action{}
		}
		return a
	}
	return policy.Oracle{
		Expand: func(pattern string) []string {
			var out []string
			glob := arn.NewGlob(arn.Fold(pattern))
			for i := range service.Actions {
				a := &service.Actions[i]
				if inBucketPolicy(a) && glob.Match("s3:"+arn.Fold(a.Name)) {
					out = append(out, "s3:"+a.Name)
				}
			}
			return out
		},
		OnBucket: func(action string) bool { return takes(find(action), "bucket") },
		OnObject: func(action string) bool { return takes(find(action), "object") },
		Key: func(action, key string) bool {
			known, ok := catalog.LookupKey(key)
			return ok && takesKey(service, find(action), known.Name)
		},
	}
}

// inBucketPolicy reports whether a bucket's policy may name the action: what
// there is before a bucket cannot be granted by it.
func inBucketPolicy(a *catalog.Action) bool {
	return a.Name != "CreateBucket" && (takes(a, "bucket") || takes(a, "object"))
}

func takes(a *catalog.Action, kind string) bool {
	return slices.ContainsFunc(a.Resources, func(r catalog.ActionResource) bool { return r.Type == kind })
}

func takesKey(service *catalog.Service, a *catalog.Action, key string) bool {
	if slices.Contains(a.Keys, key) {
		return true
	}
	return slices.ContainsFunc(a.Resources, func(r catalog.ActionResource) bool {
		kind, ok := service.Resource(r.Type)
		return slices.Contains(r.Keys, key) || ok && slices.Contains(kind.Keys, key)
	})
}
