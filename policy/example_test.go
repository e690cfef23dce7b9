package policy_test

import (
	"fmt"

	"github.com/regent-iam/regent/policy"
)

func Example() {
	doc, err := policy.Parse(`{"Version": "2012-10-17", "Statement": {"Sid": "Home", "Effect": "Allow",
		"Action": "s3:*Object", "Resource": "arn:aws:s3:::home/${aws:username}/*"}}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	layers := policy.Layers{Identity: []*policy.Policy{policy.Compile(doc, policy.Source{Name: "homes"}, nil)}}
	request := policy.Request{
		Principal: &policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice"},
		Action:    "s3:GetObject", Resource: "arn:aws:s3:::home/alice/notes", ResourceAccount: "111122223333", Context: new(policy.Context),
	}
	request.Context.Set("aws:username", "alice")
	fmt.Println(layers.Decide(&request).Outcome)

	request.Resource = "arn:aws:s3:::home/bob/notes"
	refused := layers.Explain(&request)
	fmt.Printf("%s%s\n", refused.Decision.Outcome, refused.Decision.Reason(request.Action))
	fmt.Println(refused.Layers[0].Closest[0].Sid, "fails in its", refused.Layers[0].Closest[0].Mismatch.Element)
	fmt.Println(refused.Fixes[0].Statement)
	// Output:
	// allowed
	// implicitDeny because no identity-based policy allows the s3:GetObject action
	// Home fails in its resource
	// {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/bob/notes"}
}
