package core

import (
	"context"
	"errors"

	"goshawk/row"
	"goshawk/vql"
)

type scopeArgs struct{}

var scopePlugin = vql.NewPlugin(vql.Spec{
	Name: "scope", Doc: "one row, in which every name of the scope is visible", Columns: []string{},
}, func(_ context.Context, _ *vql.Call, _ *scopeArgs, out *vql.Out) error { return out.Row() })

var scopeFunction = vql.NewFunction(vql.Spec{
	Name: "scope", Doc: "the scope as a value, whose members are the visible names",
}, func(_ context.Context, c *vql.Call, _ *scopeArgs) (row.Value, error) { return c.Scope(), nil })

type rangeArgs struct {
	Start int64 `vql:"start,default=0" doc:"first number"`
	End   int64 `vql:"end,required" doc:"number after the last"`
	Step  int64 `vql:"step,default=1" doc:"distance between two numbers; 0 counts as 1"`
}

var valueColumns = row.NewColumns("_value")

// rangeChunk is the number of rows that range makes at once.
const rangeChunk = 256

var rangePlugin = vql.NewPlugin(vql.Spec{
	Name: "range", Doc: "integers from start up to, and not including, end", Columns: []string{"_value"},
}, func(_ context.Context, c *vql.Call, a *rangeArgs, out *vql.Out) error {
	step := a.Step
	if step == 0 {
		step = 1
	}
	if step < 0 {
		return errors.New("step must not be negative")
	}
	b := row.NewBatch(valueColumns, rangeChunk)
	for i := a.Start; i < a.End; i += step {
		b.Append(row.Int(i))
		if b.Len() == rangeChunk {
			if err := out.Batch(b); err != nil {
				return err
			}
			b.Reset(valueColumns)
		}
		if i > a.End-step { // the next one would pass the end, or wrap around
			break
		}
	}
	return out.Batch(b)
})

type foreachArgs struct {
	Row     vql.Query `vql:"row,required" doc:"a query, list or value that yields rows"`
	Query   vql.Query `vql:"query" doc:"run for each row, in a scope that has it; without it the rows themselves come out"`
	Async   bool      `vql:"async" doc:"the same as workers=100"`
	Workers int64     `vql:"workers,default=1" doc:"how many rows are worked on at a time"`
	Column  string    `vql:"column" doc:"take each row from this column of it"`
}

// asyncWorkers is what async=TRUE stands for.
const asyncWorkers = 100

// maxWorkers bounds the goroutines of one foreach.
const maxWorkers = 1000

var foreachPlugin = vql.NewPlugin(vql.Spec{
	Name: "foreach", Doc: "runs a query for each row of another query or list",
}, func(ctx context.Context, c *vql.Call, a *foreachArgs, out *vql.Out) error {
	rows := a.Row
	if a.Async && a.Workers <= 1 {
		a.Workers = asyncWorkers
	}
	if a.Workers > 1 && a.Query.IsSet() && a.Column == "" {
		workers := int(min(a.Workers, maxWorkers))
		c.Log(vql.Debug, "Creating %d workers for foreach plugin", workers)
		return a.Query.EachParallel(ctx, rows, workers, out.Batch)
	}
	emit := out.Batch
	if a.Query.IsSet() {
		emit = func(b *row.Batch) error { return a.Query.Each(b, out.Batch) }
	}
	if a.Column == "" {
		return rows.Rows(emit)
	}
	return foreachColumn(c, a, out)
})

// foreachColumn replaces each row by its member; a row that lacks it becomes an empty one.
func foreachColumn(c *vql.Call, a *foreachArgs, out *vql.Out) error {
	var failed error
	err := a.Row.Dicts(func(d *row.Dict) bool {
		v, _ := d.Member(a.Column)
		inner := &row.Dict{}
		if v.Kind() == row.KindDict {
			inner = v.Dict()
		}
		if !a.Query.IsSet() {
			failed = out.Dict(inner)
			return failed == nil
		}
		b := row.NewBatch(inner.Columns(), 1)
		b.Append(inner.Values()...)
		failed = a.Query.Each(b, out.Batch)
		return failed == nil
	})
	return errors.Join(err, failed)
}

type ifPluginArgs struct {
	Condition row.Value `vql:"condition,required" doc:"decides which of the two runs"`
	Then      vql.Query `vql:"then,required" doc:"run if the condition is true"`
	Else      vql.Query `vql:"else" doc:"run if it is not"`
}

var ifPlugin = vql.NewPlugin(vql.Spec{
	Name: "if", Doc: "the rows of one of two queries, chosen by a condition",
}, func(_ context.Context, c *vql.Call, a *ifPluginArgs, out *vql.Out) error {
	if c.Truth(a.Condition) {
		return a.Then.Rows(out.Batch)
	}
	if a.Else.IsSet() {
		return a.Else.Rows(out.Batch)
	}
	return nil
})

type ifArgs struct {
	Condition vql.Lazy `vql:"condition,required" doc:"decides which of the two is evaluated"`
	Then      vql.Lazy `vql:"then" doc:"the value if the condition is true"`
	Else      vql.Lazy `vql:"else" doc:"the value if it is not"`
}

var ifFunction = vql.NewFunction(vql.Spec{
	Name: "if", Doc: "one of two values, chosen by a condition; the other is not evaluated",
}, func(_ context.Context, _ *vql.Call, a *ifArgs) (row.Value, error) {
	if a.Condition.Truth() {
		return a.Then.Value(), nil
	}
	return a.Else.Value(), nil
})

type chainArgs struct {
	Queries []vql.Named `vql:"**"`
}

var chainPlugin = vql.NewPlugin(vql.Spec{
	Name: "chain", Doc: "the rows of several queries, one query after another",
}, runChain)

var combinePlugin = vql.NewPlugin(vql.Spec{
	Name: "combine", Doc: "the rows of several queries, one query after another",
}, runChain)

func runChain(_ context.Context, _ *vql.Call, a *chainArgs, out *vql.Out) error {
	for _, q := range a.Queries {
		if q.Name == "async" {
			continue // the order of one after another is one of those allowed
		}
		if err := q.Query.Rows(out.Batch); err != nil {
			return err
		}
	}
	return nil
}

var switchPlugin = vql.NewPlugin(vql.Spec{
	Name: "switch", Doc: "the rows of the first of several queries that has any",
}, func(_ context.Context, _ *vql.Call, a *chainArgs, out *vql.Out) error {
	for _, q := range a.Queries {
		found := false
		err := q.Query.Rows(func(b *row.Batch) error {
			found = found || b.Len() > 0
			return out.Batch(b)
		})
		if err != nil || found {
			return err
		}
	}
	return nil
})
