package main

// The world that cases are made of: account A owns the resources, callers are of
// A or of B.
const (
	accountA = "111122223333"
	accountB = "444455556666"
)

// bindings are the unique ids of all users and roles that policies name.
func bindings() map[string]string {
	out := map[string]string{}
	for _, c := range callers() {
		switch c.Kind {
		case "user":
			out[c.ARN] = c.ID
		case "session", "federated-user":
			out[c.Issuer] = c.ID
		}
	}
	out["arn:aws:iam::"+accountA+":role/target"] = "AROATARGETAAAAAAAAAAA"
	out["arn:aws:iam::"+accountA+":role/Deploy"] = "AROADEPLOYCAPITALAAAA"
	out["arn:aws:iam::"+accountA+":user/ops"] = "AIDAOPSAAAAAAAAAAAAAA"
	return out
}

func callers() []Caller {
	var out []Caller
	for i, account := range []string{accountA, accountB} {
		suffix := string("AB"[i])
		user := func(name, id string) Caller {
			return Caller{"user", account, "arn:aws:iam::" + account + ":user/" + name, id + suffix, ""}
		}
		out = append(out,
			user("dana", "AIDADANAAAAAAAAAAAAA"),
			user("dev/erin", "AIDAERINAAAAAAAAAAAA"),
			Caller{"session", account, "arn:aws:sts::" + account + ":assumed-role/deploy/run", "AROADEPLOYAAAAAAAAAA" + suffix, "arn:aws:iam::" + account + ":role/deploy"},
			Caller{"session", account, "arn:aws:sts::" + account + ":assumed-role/audit/dana", "AROAAUDITAAAAAAAAAAA" + suffix, "arn:aws:iam::" + account + ":role/audit"},
			// The oracle takes the user of the same name for the issuing one.
			Caller{"federated-user", account, "arn:aws:sts::" + account + ":federated-user/dana", "AIDADANAAAAAAAAAAAAA" + suffix, "arn:aws:iam::" + account + ":user/dana"},
			// And here it takes another user, who does not bear on it.
			Caller{"federated-user", account, "arn:aws:sts::" + account + ":federated-user/ops", "AIDADANAAAAAAAAAAAAA" + suffix, "arn:aws:iam::" + account + ":user/dana"},
			Caller{"root", account, "arn:aws:iam::" + account + ":root", account, ""},
		)
	}
	return append(out, Caller{Kind: "service", ARN: "ec2.amazonaws.com"}, Caller{Kind: "anonymous"})
}

// principals are the entries that principal elements are made of, by type.
func principals() map[string][]string {
	return map[string][]string{
		"AWS": {
			"*", accountA, accountB, "arn:aws:iam::" + accountA + ":root", "arn:aws:iam::" + accountB + ":root",
			"arn:aws:iam::" + accountA + ":user/dana", "arn:aws:iam::" + accountA + ":user/dev/erin", "arn:aws:iam::" + accountB + ":user/dana",
			"arn:aws:iam::" + accountA + ":role/deploy", "arn:aws:iam::" + accountB + ":role/deploy", "arn:aws:iam::" + accountA + ":role/audit",
			"arn:aws:iam::" + accountA + ":role/Deploy", "arn:aws:iam::" + accountA + ":user/ops",
			"arn:aws:sts::" + accountA + ":assumed-role/deploy/run", "arn:aws:sts::" + accountB + ":assumed-role/deploy/run",
			"arn:aws:sts::" + accountA + ":federated-user/dana", "arn:aws:sts::" + accountB + ":federated-user/dana",
		},
		"Service": {"ec2.amazonaws.com", "lambda.amazonaws.com"},
	}
}

// An operation is an action with resources that it is asked for.
type operation struct {
	action    string
	resources []string // none: it knows no resources
	policy    bool     // its resources have policies of their own
	rcp       bool     // resource control policies bear on it (EV-21)
	trust     bool
}

func operations() []operation {
	return []operation{
		{action: "s3:GetObject", policy: true, rcp: true, resources: []string{
			"arn:aws:s3:::data/home/dana/report", "arn:aws:s3:::data/x/y:z", "arn:aws:s3:::data/Report.txt", "arn:aws:s3:::data/cost$5", "arn:aws:s3:::other/x",
		}},
		{action: "s3:PutObject", policy: true, rcp: true, resources: []string{"arn:aws:s3:::data/home/dana/new", "arn:aws:s3:::data/team/red"}},
		{action: "s3:ListBucket", policy: true, rcp: true, resources: []string{"arn:aws:s3:::data", "arn:aws:s3:::dana"}},
		{action: "s3:ListAllMyBuckets"},
		{action: "sqs:SendMessage", policy: true, rcp: true, resources: []string{
			"arn:aws:sqs:us-east-1:" + accountA + ":jobs", "arn:aws:sqs:eu-west-1:" + accountA + ":dana",
		}},
		{action: "secretsmanager:GetSecretValue", policy: true, rcp: true, resources: []string{"arn:aws:secretsmanager:us-east-1:" + accountA + ":secret:db-a1b2c3"}},
		{action: "iam:GetUser", resources: []string{"arn:aws:iam::" + accountA + ":user/dana", "arn:aws:iam::" + accountA + ":user/dev/erin"}},
		{action: "iam:PassRole", resources: []string{"arn:aws:iam::" + accountA + ":role/deploy"}},
		{action: "sts:AssumeRole", policy: true, rcp: true, trust: true, resources: []string{
			"arn:aws:iam::" + accountA + ":role/target", "arn:aws:iam::" + accountA + ":role/deploy",
		}},
	}
}

// actions are the patterns that action elements are made of, beside the
// request's own.
func actions() []string {
	return []string{
		"*", "s3:*", "s3:Get*", "s3:get*", "S3:*Object", "s3:List*", "s3:???Object", "sqs:*", "sqs:SendMessage", "iam:*", "iam:Get*", "iam:PassRole",
		"sts:*", "sts:AssumeRole", "secretsmanager:Get*", "s3:PutObject", "s3:G*t*O*t", "s3:Unheard", "ec2:*",
	}
}

// resources are patterns beside those that are made of the request's own.
func resources() []string {
	return []string{
		"*", "arn:aws:s3:::*", "arn:aws:s3:::data/*", "arn:aws:s3:::data", "arn:aws:s3:::${aws:username}", "arn:aws:s3:::data/home/${aws:username}/*",
		"arn:aws:s3:::data/team/${aws:PrincipalTag/team}", "arn:aws:s3:::data/team/${aws:PrincipalTag/team, 'red'}", "arn:aws:s3:::data/cost${$}5", "arn:aws:s3:::data/c*${$}?",
		"arn:aws:s3:::data/${AWS:UserName}*", "arn:aws:s3:::data/?/y:z", "arn:aws:s3:::data/x*z", "arn:aws:s3:*:*:data/*", "arn:aws:sqs:*:*:*",
		"arn:aws:sqs:us-east-1:" + accountA + ":*", "arn:aws:sqs:US-EAST-1:*:jobs", "arn:aws:sqs:${aws:RequestedRegion}:*:jobs", "arn:aws:iam::" + accountA + ":user/*", "arn:aws:iam::" + accountA + ":user/${aws:username}",
		"arn:aws:iam::*:role/*", "arn:aws:iam::" + accountB + ":*", "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:secretsmanager:us-east-1:" + accountA + ":secret:db-??????",
	}
}

// A keyPool is a condition key, the operators that fit it, values that requests
// have, and values that policies have beside them.
type keyPool struct {
	name   string
	kind   string // a key of operators
	multi  bool
	values []string
	policy []string
}

func keys() []keyPool {
	dana, deploy := "arn:aws:iam::"+accountA+":user/dana", "arn:aws:iam::"+accountA+":role/deploy"
	times := []string{"2024-03-01T10:00:00Z", "2024-03-01T12:00:00Z", "2025-01-01T00:00:00Z"}
	return []keyPool{
		{"aws:UserAgent", "string", false, []string{"Boto3/1.2", "console", "a*b"}, []string{"*", "boto3/*", "Boto?/*", "con*", "a${*}b", "${aws:username}"}},
		{"aws:username", "string", false, []string{"dana", "erin", "b*", "x/y"}, []string{"dan?", "*", "DANA", "${aws:PrincipalTag/team}"}},
		{"aws:userid", "string", false, []string{"AROADEPLOYAAAAAAAAAAA:run", "AIDADANAAAAAAAAAAAAAA"}, []string{"*:run", "AROA*"}},
		{"aws:PrincipalTag/team", "string", false, []string{"red", "blue", "dana", "*"}, []string{"r*", "${aws:username}", "${aws:RequestTag/team}", "${aws:PrincipalTag/none, 'red'}", "Red"}},
		{"aws:RequestTag/team", "string", false, []string{"red", "blue"}, []string{"${aws:PrincipalTag/team}", "RED", "?ed"}},
		{"aws:PrincipalOrgID", "string", false, []string{"o-abcd1234", "o-zzzz9999"}, []string{"o-*"}},
		{"aws:RequestedRegion", "string", false, []string{"us-east-1", "eu-west-1"}, []string{"us-*", "eu-????-1"}},
		{"aws:PrincipalArn", "arn", false, []string{dana, deploy}, []string{"arn:aws:iam::*:user/*", "arn:aws:iam::" + accountA + ":*", "arn:*:iam::*:role/d*", "*", "arn:aws:iam::" + accountA + ":user/${aws:username}"}},
		{"aws:SourceArn", "arn", false, []string{"arn:aws:sns:us-east-2:999999999999:store/abc:111122223333:finance/d.txt", "arn:aws:s3:::data", "not-an-arn"}, []string{"arn:aws:sns:*:111122223333:finance/*", "arn:aws:sns:*:*:*", "arn:aws:s3:::d*", "arn:aws:S3:::data"}},
		{"aws:SecureTransport", "bool", false, []string{"true", "false"}, []string{"TRUE", "yes"}},
		{"aws:MultiFactorAuthPresent", "bool", false, []string{"true", "false"}, nil},
		{"aws:MultiFactorAuthAge", "numeric", false, []string{"10", "300", "86400"}, []string{"10.0", "299.5", "1e2", "-1", "ten"}},
		{"aws:CurrentTime", "date", false, times, []string{"2024-03-01", "2024-03-01T11:00:00.000+01:00", "1709287200", "2024-03-01T11:00Z"}},
		{"aws:EpochTime", "date", false, []string{"1709287200", "1709294400"}, []string{"1709290800", "2024-03-01T11:00:00Z"}},
		{"aws:TokenIssueTime", "date", false, times, nil},
		{"aws:SourceIp", "ip", false, []string{"10.1.2.3", "203.0.113.9", "2001:db8::1"}, []string{"10.0.0.0/8", "10.1.2.3/32", "0.0.0.0/0", "2001:db8::/32", "203.0.113.0/24", "::/0"}},
		{"aws:TagKeys", "string", true, []string{"team", "cost", "Team"}, []string{"t*", "${aws:username}"}},
		{"aws:CalledVia", "string", true, []string{"athena.amazonaws.com", "cloudformation.amazonaws.com"}, []string{"*.amazonaws.com"}},
		{"aws:PrincipalOrgPaths", "string", true, []string{"o-abcd1234/r-ab12/ou-ab12-1/", "o-abcd1234/r-ab12/"}, []string{"o-abcd1234/*", "o-abcd1234/r-ab12/ou-*"}},
	}
}

// operators are those that fit a kind of key.
func operators(kind string) []string {
	texts := []string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"}
	switch kind {
	case "arn":
		return append(texts, "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "ArnLike", "ArnNotLike")
	case "bool":
		return []string{"Bool"}
	case "numeric":
		return []string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"}
	case "date":
		return []string{"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"}
	case "ip":
		return []string{"IpAddress", "NotIpAddress"}
	default:
		return texts
	}
}
