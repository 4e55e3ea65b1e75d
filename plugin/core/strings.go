package core

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"goshawk/row"
	"goshawk/vql"
)

type formatArgs struct {
	Format string    `vql:"format,required" doc:"text with the verbs of Go's package fmt"`
	Args   row.Value `vql:"args" doc:"a list of values, or one"`
}

var formatFunction = vql.NewFunction(vql.Spec{
	Name: "format", Doc: "text in which verbs such as %v, %s and %d are replaced by values", Pure: true, OnError: row.False,
}, func(_ context.Context, _ *vql.Call, a *formatArgs) (row.Value, error) {
	return row.String(formatted(a.Format, a.Args)), nil
})

func formatted(format string, args row.Value) string {
	if args.IsNull() && !strings.Contains(format, "%") {
		return format
	}
	vs := []row.Value{args}
	if args.Kind() == row.KindList {
		vs = args.List()
	}
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = native(v)
	}
	return fmt.Sprintf(format, out...)
}

// shown is a value that prints as its text whatever the verb.
type shown string

func (s shown) String() string { return string(s) }

// native returns a value as the Go value that package fmt prints like VQL does.
func native(v row.Value) any {
	v = v.Force()
	switch v.Kind() {
	case row.KindNull:
		return shown("Null")
	case row.KindBool:
		return v.Bool()
	case row.KindInt:
		return v.Int()
	case row.KindUint:
		return v.Uint()
	case row.KindFloat:
		return v.Float()
	case row.KindString:
		return v.Str()
	case row.KindBytes:
		return v.Bytes()
	case row.KindTime:
		return v.Time().Format(time.RFC3339Nano)
	case row.KindList:
		out := make([]any, len(v.List()))
		for i, e := range v.List() {
			out[i] = native(e)
		}
		return out
	}
	return row.Text(v)
}

type splitArgs struct {
	String    string `vql:"string,required" doc:"what to split"`
	Sep       string `vql:"sep" doc:"a pattern, which heeds case"`
	SepString string `vql:"sep_string" doc:"a literal separator"`
}

var splitFunction = vql.NewFunction(vql.Spec{
	Name: "split", Doc: "the parts of a text between separators", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *splitArgs) (row.Value, error) {
	if a.SepString != "" {
		return row.Strings(strings.Split(a.String, a.SepString)), nil
	}
	re, err := regexp.Compile(a.Sep)
	if err != nil {
		return row.Null, err
	}
	return row.Strings(re.Split(a.String, -1)), nil
})

type joinArgs struct {
	Array []string `vql:"array,required" doc:"a list"`
	Sep   string   `vql:"sep" doc:"what to put between the elements"`
}

var joinFunction = vql.NewFunction(vql.Spec{
	Name: "join", Doc: "the elements of a list as one text", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *joinArgs) (row.Value, error) {
	return row.String(strings.Join(a.Array, a.Sep)), nil
})

type stringArg struct {
	String string `vql:"string,required" doc:"a text"`
}

var lowcaseFunction = vql.NewFunction(vql.Spec{
	Name: "lowcase", Doc: "a text in lower case", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *stringArg) (row.Value, error) {
	return row.String(strings.ToLower(a.String)), nil
})

var upcaseFunction = vql.NewFunction(vql.Spec{
	Name: "upcase", Doc: "a text in upper case", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *stringArg) (row.Value, error) {
	return row.String(strings.ToUpper(a.String)), nil
})

type stripArgs struct {
	String string `vql:"string,required" doc:"a text"`
	Prefix string `vql:"prefix" doc:"removed once from the beginning"`
	Suffix string `vql:"suffix" doc:"removed once from the end"`
}

var stripFunction = vql.NewFunction(vql.Spec{
	Name: "strip", Doc: "a text without a prefix and suffix, or without white space around it", Pure: true, Version: 2,
}, func(_ context.Context, _ *vql.Call, a *stripArgs) (row.Value, error) {
	if a.Prefix == "" && a.Suffix == "" {
		return row.String(strings.TrimSpace(a.String)), nil
	}
	return row.String(strings.TrimSuffix(strings.TrimPrefix(a.String, a.Prefix), a.Suffix)), nil
})

type substrArgs struct {
	Str   string `vql:"str,required" doc:"a text"`
	Start int64  `vql:"start" doc:"first character"`
	End   int64  `vql:"end" doc:"character after the last; 0 is the end"`
}

var substrFunction = vql.NewFunction(vql.Spec{
	Name: "substr", Doc: "a part of a text, counted in characters", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *substrArgs) (row.Value, error) {
	n := int64(utf8.RuneCountInString(a.Str))
	end := a.End
	if end == 0 || end > n {
		end = n
	}
	if a.Start < 0 || end < a.Start {
		return row.Null, errors.New("start and end must not be negative nor change places")
	}
	return row.String(string([]rune(a.Str)[a.Start:end])), nil
})

type regexReplaceArgs struct {
	Source  string      `vql:"source,required" doc:"a text"`
	Re      string      `vql:"re,required" doc:"pattern, without regard to case"`
	Replace string      `vql:"replace" doc:"what to put instead; $1 and ${name} are groups"`
	Lambda  *vql.Lambda `vql:"replace_lambda" doc:"called with each match; its value is put instead"`
}

var regexReplaceFunction = vql.NewFunction(vql.Spec{
	Name: "regex_replace", Doc: "a text in which all matches of a pattern are replaced", Version: 2,
}, func(_ context.Context, c *vql.Call, a *regexReplaceArgs) (row.Value, error) {
	re, err := c.Pattern(a.Re)
	if err != nil {
		return row.Null, err
	}
	if a.Lambda == nil {
		return row.String(re.ReplaceAllString(a.Source, a.Replace)), nil
	}
	return row.String(re.ReplaceAllStringFunc(a.Source, func(m string) string {
		return row.Text(a.Lambda.Call(row.String(m)))
	})), nil
})

type parseRegexArgs struct {
	String string   `vql:"string,required" doc:"a text"`
	Regex  []string `vql:"regex,required" doc:"patterns with groups"`
}

var parseStringFunction = vql.NewFunction(vql.Spec{
	Name: "parse_string_with_regex", Doc: "a dict of the groups that patterns capture; groups without a name are g1, g2 …",
}, func(_ context.Context, c *vql.Call, a *parseRegexArgs) (row.Value, error) {
	d := &row.Dict{}
	for _, text := range a.Regex {
		re, err := c.Pattern(text)
		if err != nil {
			return row.Null, err
		}
		names := re.SubexpNames()
		for _, match := range re.FindAllStringSubmatch(a.String, -1) {
			for i := 1; i < len(match); i++ {
				name := names[i]
				if name == "" {
					name = fmt.Sprintf("g%d", i)
				}
				d.Set(name, row.String(match[i]))
			}
		}
	}
	return row.FromDict(d), nil
})

type logArgs struct {
	Message string    `vql:"message,required" doc:"text, with verbs if there are args"`
	Dedup   int64     `vql:"dedup,default=60" doc:"seconds for which the same message is held back; -1: never"`
	Args    row.Value `vql:"args" doc:"values for the verbs"`
	Level   string    `vql:"level,default=DEFAULT" doc:"default, error, warn, info, debug or alert"`
}

// said remembers when log() wrote a message last.
type said map[string]time.Time

// maxSaid bounds what is remembered.
const maxSaid = 10000

var logFunction = vql.NewFunction(vql.Spec{
	Name: "log", Doc: "writes a line to the query's log and is TRUE", Version: 2,
}, func(_ context.Context, c *vql.Call, a *logArgs) (row.Value, error) {
	text := a.Message
	if !a.Args.IsNull() {
		text = formatted(a.Message, a.Args)
	}
	seen := c.State("log()", func() any { return &recent{at: said{}} }).(*recent)
	if a.Dedup < 0 || seen.take(a.Message, c.Now(), time.Duration(a.Dedup)*time.Second) {
		c.Log(logLevel(a.Level), "%s", text)
	}
	return row.True, nil
})

func logLevel(name string) vql.Level {
	switch l := vql.Level(strings.ToUpper(name)); l {
	case vql.Error, vql.Warn, vql.Info, vql.Debug, vql.Alert:
		return l
	}
	return vql.Default
}
