package effective_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/effective"
)

// merged merges levels of policies, which are named p0, p1 and on.
func merged(t *testing.T, levels ...[]string) *effective.Effective {
	t.Helper()
	var policies [][]effective.Policy
	n := 0
	for _, texts := range levels {
		var level []effective.Policy
		for _, text := range texts {
			doc, err := effective.Parse(text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			level = append(level, effective.Policy{ID: fmt.Sprint("p", n), Document: doc})
			n++
		}
		policies = append(policies, level)
	}
	return effective.Merge(policies, true)
}

// tag is a tag policy about one key.
func tag(key, elements string) string { return `{"tags":{"` + key + `":{` + elements + `}}}` }

// The rows follow the examples of AWS Organizations User Guide, "Inheritance
// examples", and what "Inheritance operators" says of each operator.
//
// Rules: OR-23
func TestMerge(t *testing.T) {
	t.Parallel()
	root := tag("costcenter", `"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["Development","Support"]}`)
	locked := tag("project", `"tag_key":{"@@operators_allowed_for_child_policies":["@@none"],"@@assign":"Project"},`+
		`"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["Maintenance","Escalations"]}`)
	level := func(texts ...string) []string { return texts }
	for _, row := range []struct {
		name   string
		levels [][]string
		want   string
	}{
		{"nothing", nil, `{}`},
		{"one policy", [][]string{{root}}, tag("costcenter", `"tag_key":"CostCenter","tag_value":["Development","Support"]`)},
		{
			"a child assigns",
			[][]string{{root}, {tag("costcenter", `"tag_value":{"@@assign":["Sandbox"]},"enforced_for":{"@@assign":["redshift:*","dynamodb:table"]}`)}},
			tag("costcenter", `"tag_key":"CostCenter","tag_value":["Sandbox"],"enforced_for":["redshift:*","dynamodb:table"]`),
		},
		{
			"a child appends, also to nothing, and nothing twice",
			[][]string{{root}, {tag("costcenter", `"tag_value":{"@@append":["Marketing","Support"]},"enforced_for":{"@@append":["redshift:*"]}`)}},
			tag("costcenter", `"tag_key":"CostCenter","tag_value":["Development","Support","Marketing"],"enforced_for":["redshift:*"]`),
		},
		{
			"a child removes, also what is not there",
			[][]string{
				{root},
				{tag("costcenter", `"tag_value":{"@@append":["Marketing"]},"enforced_for":{"@@append":["redshift:*"]}`)},
				{tag("costcenter", `"tag_value":{"@@remove":["Development","Marketing","Nothing"]},"enforced_for":{"@@remove":["redshift:*"]}`)},
			},
			tag("costcenter", `"tag_key":"CostCenter","tag_value":["Support"]`),
		},
		{
			"a level of organizational units may have no policies",
			[][]string{{root}, {}, {tag("costcenter", `"tag_value":{"@@remove":["Support"]}`)}},
			tag("costcenter", `"tag_key":"CostCenter","tag_value":["Development"]`),
		},
		{
			"child control operators bind children",
			[][]string{{locked}, {tag("project", `"tag_key":{"@@assign":"PROJECT"},"tag_value":{"@@append":["Escalations - research"]}`)}},
			tag("project", `"tag_key":"Project","tag_value":["Maintenance","Escalations","Escalations - research"]`),
		},
		{
			"and cannot be taken back by one",
			[][]string{
				{locked},
				{tag("project", `"tag_value":{"@@operators_allowed_for_child_policies":["@@all"]}`)},
				{tag("project", `"tag_value":{"@@assign":["x"],"@@remove":["Maintenance"]}`)},
			},
			tag("project", `"tag_key":"Project","tag_value":["Maintenance","Escalations"]`),
		},
		{
			"but may be narrowed",
			[][]string{
				{locked},
				{tag("project", `"tag_value":{"@@operators_allowed_for_child_policies":["@@none"]}`)},
				{tag("project", `"tag_value":{"@@append":["x"]}`)},
			},
			tag("project", `"tag_key":"Project","tag_value":["Maintenance","Escalations"]`),
		},
		{
			"of one level their intersection counts",
			[][]string{
				level(
					tag("project", `"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["Maintenance"]}`),
					tag("project", `"tag_value":{"@@operators_allowed_for_child_policies":["@@append","@@remove"]}`),
				),
				level(tag("project", `"tag_value":{"@@append":["x"],"@@remove":["Maintenance"]}`)),
			},
			tag("project", `"tag_value":["Maintenance","x"]`),
		},
		{
			"and not for that level itself",
			[][]string{level(
				tag("project", `"tag_value":{"@@operators_allowed_for_child_policies":["@@none"],"@@assign":["a"]}`),
				tag("project", `"tag_value":{"@@append":["b"]}`),
			)},
			tag("project", `"tag_value":["a","b"]`),
		},
		{
			"of one level the first counts",
			[][]string{level(
				tag("project", `"tag_key":{"@@assign":"PROJECT"},"tag_value":{"@@append":["Maintenance"]}`),
				tag("project", `"tag_key":{"@@assign":"project"},"tag_value":{"@@assign":["Escalations"]}`),
			)},
			tag("project", `"tag_key":"PROJECT","tag_value":["Escalations","Maintenance"]`),
		},
		{
			"on an object they govern new members",
			[][]string{
				{`{"services":{"@@operators_allowed_for_child_policies":["@@none"],"default":{"opt_out_policy":{"@@assign":"optOut"}}}}`},
				{`{"services":{"lex":{"opt_out_policy":{"@@assign":"optIn"}},"default":{"opt_out_policy":{"@@assign":"optIn"}}}}`},
			},
			`{"services":{"default":{"opt_out_policy":"optIn"}}}`,
		},
		{
			"the keys of tags differ in more than case",
			[][]string{{tag("team", `"tag_value":{"@@assign":["a"]}`)}, {tag("Team", `"tag_value":{"@@append":["b"]}`)}},
			tag("team", `"tag_value":["a","b"]`),
		},
		{"an empty object stays", [][]string{{`{"tags":{"team":{}}}`}}, `{"tags":{"team":{}}}`},
		{"a control operator alone is nothing", [][]string{{tag("a", `"tag_value":{"@@operators_allowed_for_child_policies":["@@all"]}`)}}, `{"tags":{"a":{}}}`},
		{"values keep their types", [][]string{{`{"a":{"b":{"@@assign":[1,"1",true,1]},"c":{"@@assign":1.50},"d":{"@@assign":"<é\"&"}}}`}}, `{"a":{"b":[1,"1",true],"c":1.50,"d":"<é\"&"}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			e := merged(t, row.levels...)
			if got := e.Text(); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			if p := e.Problems(&effective.Kind{}); len(p) > 0 {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	kind := &effective.Kind{
		Element:  "plans",
		Required: map[string][]string{"plans.*": {"regions"}, "plans.*.rules.*": {"vault"}},
		Values:   map[string][]string{"plans.*.mode": {"on", "off"}},
	}
	many := make([]string, 501)
	for i := range many {
		many[i] = fmt.Sprintf(`"v%d"`, i)
	}
	wide := make([]string, 201)
	for i := range wide {
		wide[i] = fmt.Sprintf(`"m%d":{"@@assign":1}`, i)
	}
	const good = `{"plans":{"a":{"regions":{"@@assign":["x"]},"mode":{"@@assign":"on"},"rules":{"r":{"vault":{"@@assign":"v"}}}}}}`
	for _, row := range []struct {
		name   string
		levels [][]string
		want   []string // code, path and policies
	}{
		{"none", [][]string{{good}}, nil},
		{"appending to one value", [][]string{{good}, {`{"plans":{"a":{"mode":{"@@append":["off"]}}}}`}}, []string{"OPERATOR_NOT_ALLOWED_FOR_SINGLE_VALUE plans.a.mode p0,p1"}},
		{"a value and members", [][]string{{good, `{"plans":{"a":{"rules":{"@@assign":"x"}}}}`}}, []string{"ELEMENT_TYPE_CONFLICT plans.a.rules p0,p1"}},
		{"members and a value", [][]string{{good}, {`{"plans":{"a":{"mode":{"x":{"@@assign":1}}}}}`}}, []string{"ELEMENT_TYPE_CONFLICT plans.a.mode p0,p1"}},
		{"something required was removed", [][]string{{good}, {`{"plans":{"a":{"regions":{"@@remove":["x"]}}}}`}}, []string{"ELEMENT_MISSING plans.a.regions p0,p1"}},
		{"something required deeper", [][]string{{`{"plans":{"a":{"regions":{"@@assign":["x"]},"rules":{"r":{}}}}}`}}, []string{"ELEMENT_MISSING plans.a.rules.r.vault p0"}},
		{"a wrong value", [][]string{{good, `{"plans":{"b":{"regions":{"@@assign":["x"]},"mode":{"@@assign":"maybe"}}}}`}}, []string{"ELEMENT_VALUE_INVALID plans.b.mode p1"}},
		{"too many values", [][]string{{`{"plans":{"a":{"regions":{"@@assign":[` + strings.Join(many, ",") + `]}}}}`}}, []string{"ELEMENTS_TOO_MANY plans.a.regions p0"}},
		{"too many members", [][]string{{`{"plans":{"a":{"regions":{"@@assign":["x"]},` + strings.Join(wide, ",") + `}}}`}}, []string{"ELEMENTS_TOO_MANY plans.a p0"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range merged(t, row.levels...).Problems(kind) {
				if p.Message == "" {
					t.Errorf("%+v", p)
				}
				got = append(got, p.Code+" "+p.Path+" "+strings.Join(p.Policies, ","))
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParseIsStrict(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 20) + `{"@@assign":1}` + strings.Repeat(`}`, 20)
	for _, text := range []string{
		``, `[]`, `"x"`, `{`, `{}}`, `{} x`, `{"a":1}`, `{"a":[1]}`, `{"a":{},"a":{}}`, `{"@@assign":1}`,
		`{"a":{"@@assign":{"b":1}}}`, `{"a":{"@@assign":null}}`, `{"a":{"@@assign":[[1]]}}`, `{"a":{"@@assign":1,"@@assign":2}}`,
		`{"a":{"@@append":"x"}}`, `{"a":{"@@remove":1}}`, `{"a":{"@@other":["x"]}}`, `{"a":{"@@assign":1,"b":{"@@assign":2}}}`,
		`{"a":{"@@operators_allowed_for_child_policies":"@@none"}}`, `{"a":{"@@operators_allowed_for_child_policies":[]}}`,
		`{"a":{"@@operators_allowed_for_child_policies":["@@none","@@append"]}}`, `{"a":{"@@operators_allowed_for_child_policies":["@@other"]}}`,
		deep,
	} {
		if _, err := effective.Parse(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	kind := &effective.Kind{Element: "tags", Tags: true}
	for _, row := range []struct {
		text string
		ok   bool
	}{
		{`{"tags":{}}`, true},
		{tag("costcenter", `"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","200","300*"]},"enforced_for":{"@@assign":["secretsmanager:ALL_SUPPORTED"]}`), true},
		{tag("costcenter", `"report_required_tag_for":{"@@append":["ec2:instance"]}`), true},
		{tag("costcenter", `"tag_value":{"@@operators_allowed_for_child_policies":["@@none"]}`), true},
		{`{}`, false},
		{`{"plans":{}}`, false},
		{`{"tags":{},"plans":{}}`, false},
		{`{"tags":{"@@assign":"x"}}`, false},
		{`{"tags":{"a":{"@@assign":"x"}}}`, false},
		{tag("a", `"tag_key":{"@@assign":"b"}`), false},
		{tag("a", `"tag_key":{"@@assign":["a"]}`), false},
		{tag("a", `"tag_key":{"@@append":["a"]}`), false},
		{tag("a", `"tag_value":{"@@assign":"x"}`), false},
		{tag("a", `"tag_value":{"@@assign":[1]}`), false},
		{tag("a", `"tag_value":{"@@append":["*@*.com"]}`), false},
		{tag("a", `"tag_value":{"x":{}}`), false},
		{tag("a", `"enforced_for":{"@@assign":["ec2"]}`), false},
		{tag("a", `"enforced_for":{"@@assign":["*:instance"]}`), false},
		{tag("a", `"other":{"@@assign":"x"}`), false},
	} {
		doc, err := effective.Parse(row.text)
		if err != nil {
			t.Fatalf("%s: %v", row.text, err)
		}
		if err := effective.Check(kind, doc); (err == nil) != row.ok {
			t.Errorf("%s: %v", row.text, err)
		}
	}
}

func FuzzMerge(f *testing.F) {
	f.Add(tag("a", `"tag_value":{"@@assign":["x"]}`), tag("A", `"tag_value":{"@@append":["y"],"@@remove":["x"]}`))
	f.Add(`{"a":{"@@assign":1}}`, `{"a":{"b":{"@@assign":2}}}`)
	f.Fuzz(func(t *testing.T, one, two string) {
		a, err := effective.Parse(one)
		if err != nil {
			return
		}
		b, err := effective.Parse(two)
		if err != nil {
			return
		}
		levels := [][]effective.Policy{{{ID: "a", Document: a}}, {{ID: "b", Document: b}}}
		e := effective.Merge(levels, false)
		if e.Text() != effective.Merge(levels, false).Text() {
			t.Error("two merges differ")
		}
		if strings.Contains(e.Text(), `"@@`) && !strings.Contains(one+two, `\u0040`) && !strings.Contains(one+two, `:"@@`) && !strings.Contains(one+two, `["@@`) {
			t.Errorf("an operator is left: %s", e.Text())
		}
	})
}
