package core

import (
	"context"
	"fmt"
	"math"

	"goshawk/row"
	"goshawk/vql"
)

type countArgs struct {
	Items row.Value `vql:"items" doc:"ignored"`
}

var countFunction = vql.NewAggregate(vql.Spec{
	Name: "count", Doc: "the number of rows so far",
}, func(_ context.Context, _ *vql.Call, _ *countArgs, n *int64) (row.Value, error) {
	*n++
	return row.Int(*n), nil
})

type itemArgs struct {
	Item row.Value `vql:"item,required" doc:"the value of each row"`
}

// total is the state of sum: an int as long as all items are.
type total struct {
	n       int64
	f       float64
	isFloat bool
}

var sumFunction = vql.NewAggregate(vql.Spec{
	Name: "sum", Doc: "the sum so far, a float as soon as one of the items is",
}, func(_ context.Context, _ *vql.Call, a *itemArgs, t *total) (row.Value, error) {
	switch a.Item.Kind() {
	case row.KindInt, row.KindUint, row.KindBool:
		t.n += a.Item.Int()
		t.f += float64(a.Item.Int())
	case row.KindFloat:
		t.isFloat = t.isFloat || a.Item.Float() != math.Trunc(a.Item.Float())
		t.f += a.Item.Float()
		t.n += int64(a.Item.Float())
	default:
		return row.Null, fmt.Errorf("an item is a %s and not a number", a.Item.Kind())
	}
	if t.isFloat {
		return row.Float(t.f), nil
	}
	return row.Int(t.n), nil
})

// extreme is the state of min and max.
type extreme struct {
	v   row.Value
	set bool
}

func (e *extreme) take(v row.Value, better bool) row.Value {
	if !e.set || better {
		e.v, e.set = v, true
	}
	return e.v
}

var minFunction = vql.NewAggregate(vql.Spec{
	Name: "min", Doc: "the smallest item so far",
}, func(_ context.Context, _ *vql.Call, a *itemArgs, e *extreme) (row.Value, error) {
	return e.take(a.Item, row.Less(a.Item, e.v)), nil
})

var maxFunction = vql.NewAggregate(vql.Spec{
	Name: "max", Doc: "the largest item so far",
}, func(_ context.Context, _ *vql.Call, a *itemArgs, e *extreme) (row.Value, error) {
	return e.take(a.Item, row.Less(e.v, a.Item)), nil
})

type enumerateArgs struct {
	Items row.Value `vql:"items" doc:"the value of each row"`
}

var enumerateFunction = vql.NewAggregate(vql.Spec{
	Name: "enumerate", Doc: "the list of all items so far",
}, func(_ context.Context, _ *vql.Call, a *enumerateArgs, all *[]row.Value) (row.Value, error) {
	*all = append(*all, a.Items)
	n := len(*all)
	return row.List((*all)[:n:n]), nil
})
