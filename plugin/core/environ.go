package core

import (
	"context"
	"os"
	"strings"

	"goshawk/row"
	"goshawk/vql"
)

type environArgs struct {
	Vars []string `vql:"vars" doc:"which variables; without it, all"`
}

var environPlugin = vql.NewPlugin(vql.Spec{
	Name: "environ", Doc: "one row with the environment's variables as columns",
}, func(_ context.Context, _ *vql.Call, a *environArgs, out *vql.Out) error {
	d := &row.Dict{}
	for _, name := range a.Vars {
		if v, ok := os.LookupEnv(name); ok {
			d.Set(name, row.String(v))
		}
	}
	if a.Vars == nil {
		for _, e := range os.Environ() {
			if name, v, ok := strings.Cut(e, "="); ok && name != "" {
				d.Set(name, row.String(v))
			}
		}
	}
	return out.Dict(d)
})

type environVarArgs struct {
	Var string `vql:"var,required" doc:"name of the variable"`
}

var environFunction = vql.NewFunction(vql.Spec{
	Name: "environ", Doc: "the value of one variable of the environment, empty if it is not set",
}, func(_ context.Context, _ *vql.Call, a *environVarArgs) (row.Value, error) {
	return row.String(os.Getenv(a.Var)), nil
})

type expandArgs struct {
	Path string `vql:"path,required" doc:"text with $NAME, ${NAME} or %NAME%"`
}

var expandFunction = vql.NewFunction(vql.Spec{
	Name: "expand", Doc: "a text in which variables of the environment are replaced by their values",
}, func(_ context.Context, _ *vql.Call, a *expandArgs) (row.Value, error) {
	return row.String(expanded(a.Path)), nil
})

// expanded replaces %NAME% as Windows does, then $NAME and ${NAME}.
func expanded(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "%")
		name, after, closed := strings.Cut(rest, "%")
		if !ok || !closed || name == "" || strings.ContainsAny(name, "/\\ ") {
			b.WriteString(text)
			break
		}
		b.WriteString(before)
		b.WriteString(os.Getenv(name))
		text = after
	}
	return os.Expand(b.String(), func(name string) string {
		if name == "$" || name == "" {
			return "$"
		}
		return os.Getenv(name)
	})
}
