package core

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"goshawk/row"
	"goshawk/vql"
)

type freeArgs struct {
	Values []vql.Named `vql:"**"`
}

var dictFunction = vql.NewFunction(vql.Spec{
	Name: "dict", Doc: "a dict of the given arguments, in order", Pure: true, Fresh: true,
}, func(_ context.Context, _ *vql.Call, a *freeArgs) (row.Value, error) {
	d := &row.Dict{}
	for _, v := range a.Values {
		d.Set(v.Name, v.Value())
	}
	return row.FromDict(d), nil
})

var arrayFunction = vql.NewFunction(vql.Spec{
	Name: "array", Doc: "a list of the arguments' values; the elements of _= come as they are", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *freeArgs) (row.Value, error) {
	out := []row.Value{}
	for _, n := range a.Values {
		v := n.Value()
		if n.Name == "_" && v.Kind() == row.KindList {
			out = append(out, v.List()...)
		} else {
			out = append(out, v)
		}
	}
	return row.List(out), nil
})

type lenArgs struct {
	List row.Value `vql:"list,required" doc:"a string (its bytes), list, dict or query"`
}

var lenFunction = vql.NewFunction(vql.Spec{
	Name: "len", Doc: "the number of bytes, elements or keys; 0 for anything else", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *lenArgs) (row.Value, error) {
	return row.Int(int64(row.Len(a.List))), nil
})

type getArgs struct {
	Item    row.Value `vql:"item" doc:"where to look; without it the scope"`
	Member  string    `vql:"member" doc:"a dotted path, in which numbers are indexes"`
	Field   row.Value `vql:"field" doc:"one key or index, taken as it is"`
	Default row.Value `vql:"default" doc:"given instead of NULL"`
}

var getFunction = vql.NewFunction(vql.Spec{
	Name: "get", Doc: "a member of a value by its path, or a default",
}, func(_ context.Context, c *vql.Call, a *getArgs) (row.Value, error) {
	v := a.Item
	if v.IsNull() {
		v = c.Scope()
	}
	if !a.Field.IsNull() {
		v = element(c, v, a.Field)
	} else {
		for _, part := range strings.Split(a.Member, ".") {
			v = element(c, v, pathPart(v, part))
		}
	}
	if v.IsNull() {
		return a.Default, nil
	}
	return v, nil
})

// pathPart reads a part of a dotted path: a number is an index of a list.
func pathPart(v row.Value, part string) row.Value {
	if i, err := strconv.ParseInt(part, 10, 64); err == nil && v.Kind() != row.KindDict {
		return row.Int(i)
	}
	return row.String(part)
}

// element is v[key]. Indexes of lists wrap around, as stock tools have it.
func element(c *vql.Call, v, key row.Value) row.Value {
	if key.Kind() == row.KindString {
		return c.Member(v, key.Str())
	}
	if n := int64(row.Len(v)); n > 0 && v.Kind() == row.KindList && key.Kind() == row.KindInt {
		return row.Index(v, row.Int(key.Int()%n))
	}
	return row.Index(v, key)
}

type setArgs struct {
	Item  row.Value `vql:"item,required" doc:"a dict"`
	Field string    `vql:"field,required" doc:"the key"`
	Value row.Value `vql:"value,required" doc:"what to put under it"`
}

var setFunction = vql.NewFunction(vql.Spec{
	Name: "set", Doc: "puts a value into a dict, in place, and gives the dict",
}, func(_ context.Context, _ *vql.Call, a *setArgs) (row.Value, error) {
	if a.Item.Kind() != row.KindDict {
		return row.Null, errors.New("item should be a dict not " + a.Item.Kind().String())
	}
	a.Item.Dict().Set(a.Field, a.Value)
	return a.Item, nil
})

type itemsArgs struct {
	Item vql.Query `vql:"item" doc:"a dict, list or query"`
}

var itemColumns = row.NewColumns("_key", "_value")

var itemsPlugin = vql.NewPlugin(vql.Spec{
	Name: "items", Doc: "keys and values of a dict, elements of a list, rows of a query", Columns: itemColumns.Names(),
}, func(_ context.Context, _ *vql.Call, a *itemsArgs, out *vql.Out) error {
	v := a.Item.Value()
	switch v.Kind() {
	case row.KindDict:
		return emitItems(v.Dict(), out)
	case row.KindList:
		for i, e := range v.List() {
			if err := out.Row(row.Int(int64(i)), e); err != nil {
				return err
			}
		}
		return nil
	case row.KindObject:
		return emitPlainItems(v.Object().Plain(), out)
	}
	return nil
})

func emitPlainItems(v row.Value, out *vql.Out) error {
	if v.Kind() == row.KindDict {
		return emitItems(v.Dict(), out)
	}
	for i, e := range listOf(v) {
		if err := out.Row(row.Int(int64(i)), e); err != nil {
			return err
		}
	}
	return nil
}

func listOf(v row.Value) []row.Value {
	if v.Kind() == row.KindList {
		return v.List()
	}
	return nil
}

func emitItems(d *row.Dict, out *vql.Out) error {
	for i := range d.Len() {
		if err := out.Row(row.String(d.Key(i)), d.At(i).Force()); err != nil {
			return err
		}
	}
	return nil
}

type itemArg struct {
	Item row.Value `vql:"item" doc:"a dict"`
}

var itemsFunction = vql.NewFunction(vql.Spec{
	Name: "items", Doc: "the list of a dict's keys and values", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *itemArg) (row.Value, error) {
	if a.Item.Kind() != row.KindDict {
		return row.List([]row.Value{row.FromDict(row.NewDict(valueColumns, []row.Value{a.Item}))}), nil
	}
	d := a.Item.Dict()
	out := make([]row.Value, d.Len())
	for i := range out {
		out[i] = row.FromDict(row.NewDict(itemColumns, []row.Value{row.String(d.Key(i)), d.At(i).Force()}))
	}
	return row.List(out), nil
})

type toDictArgs struct {
	Item vql.Query `vql:"item" doc:"a query with columns _key and _value, or a row"`
}

var toDictFunction = vql.NewFunction(vql.Spec{
	Name: "to_dict", Doc: "a dict from rows with _key and _value; of any other row, its members",
}, func(_ context.Context, _ *vql.Call, a *toDictArgs) (row.Value, error) {
	out := &row.Dict{}
	err := a.Item.Dicts(func(d *row.Dict) bool {
		key, ok := d.Get("_key")
		if !ok {
			for i := range d.Len() {
				out.Set(d.Key(i), d.At(i).Force())
			}
			return true
		}
		if name := row.Text(key); !key.IsNull() && name != "" {
			v, _ := d.Get("_value")
			out.Set(name, v.Force())
		}
		return true
	})
	return row.FromDict(out), err
})

type flattenArgs struct {
	Query vql.Query `vql:"query,required" doc:"whose list columns are multiplied out"`
}

var flattenPlugin = vql.NewPlugin(vql.Spec{
	Name: "flatten", Doc: "a row for each element of list columns; with several, for each combination",
}, func(_ context.Context, _ *vql.Call, a *flattenArgs, out *vql.Out) error {
	return a.Query.Rows(func(b *row.Batch) error {
		for i := range b.Len() {
			if err := flattenRow(b.Cols, b.Row(i), out); err != nil {
				return err
			}
		}
		return nil
	})
})

// flattenRow counts through the combinations, the leftmost list fastest.
func flattenRow(cols *row.Columns, vals []row.Value, out *vql.Out) error {
	lists := make([][]row.Value, len(vals))
	for i, v := range vals {
		if lists[i] = listOf(plain(v)); len(lists[i]) == 0 {
			lists[i] = vals[i : i+1]
		}
	}
	at, one := make([]int, len(vals)), row.NewBatch(cols, 1)
	for {
		one.Reset(cols)
		r := one.Extend()
		for i := range r {
			r[i] = lists[i][at[i]]
		}
		if err := out.Batch(one); err != nil {
			return err
		}
		i := 0
		for ; i < len(at); i++ {
			if at[i]++; at[i] < len(lists[i]) {
				break
			}
			at[i] = 0
		}
		if i == len(at) {
			return nil
		}
	}
}

// plain returns what an object shows itself as, and other values as they are.
func plain(v row.Value) row.Value {
	if v = v.Force(); v.Kind() == row.KindObject {
		return v.Object().Plain()
	}
	return v
}

type intArgs struct {
	Int row.Value `vql:"int" doc:"a number, or text with one"`
}

var intFunction = vql.NewFunction(vql.Spec{
	Name: "int", Doc: "the integer of a number or text, with base prefixes; 0 where there is none", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *intArgs) (row.Value, error) { return toInt(a.Int), nil })

type atoiArgs struct {
	String row.Value `vql:"string,required" doc:"text with a number"`
}

var atoiFunction = vql.NewFunction(vql.Spec{
	Name: "atoi", Doc: "the integer of a text, with base prefixes; 0 where there is none", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *atoiArgs) (row.Value, error) { return toInt(a.String), nil })

func toInt(v row.Value) row.Value {
	switch v.Kind() {
	case row.KindInt, row.KindUint:
		return v
	case row.KindFloat, row.KindBool:
		f, _ := v.Number()
		return row.Int(int64(f))
	case row.KindString:
		text := strings.TrimSpace(v.Str())
		if i, err := strconv.ParseInt(text, 0, 64); err == nil {
			return row.Int(i)
		}
		if u, err := strconv.ParseUint(text, 0, 64); err == nil {
			return row.Uint(u)
		}
	}
	return row.Int(0)
}

type parseFloatArgs struct {
	String row.Value `vql:"string,required" doc:"text with a number"`
}

var parseFloatFunction = vql.NewFunction(vql.Spec{
	Name: "parse_float", Doc: "the number of a text; 0 where there is none", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *parseFloatArgs) (row.Value, error) {
	if _, ok := a.String.Number(); ok {
		return a.String, nil
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(row.Text(a.String)), 64)
	if err != nil {
		return row.Float(0), nil
	}
	return row.Float(f), nil
})

type strArgs struct {
	Str row.Value `vql:"str,required" doc:"any value"`
}

var strFunction = vql.NewFunction(vql.Spec{
	Name: "str", Doc: "the text of a value", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *strArgs) (row.Value, error) {
	return row.String(row.Text(a.Str)), nil
})

type typeofArgs struct {
	A row.Value `vql:"a" doc:"any value"`
}

var typeofFunction = vql.NewFunction(vql.Spec{
	Name: "typeof", Doc: "the kind of a value: null, bool, int, float, string, bytes, time, list, dict, object", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *typeofArgs) (row.Value, error) {
	if a.A.IsNull() {
		return row.String("types.Null"), nil // queries compare with this
	}
	return row.String(a.A.Kind().String()), nil
})

type versionArgs struct {
	Function string `vql:"function" doc:"name of a function"`
	Plugin   string `vql:"plugin" doc:"name of a plugin"`
}

var versionFunction = vql.NewFunction(vql.Spec{
	Name: "version", Doc: "the version of a plugin or function, NULL if there is none of that name",
}, func(_ context.Context, c *vql.Call, a *versionArgs) (row.Value, error) {
	sig := c.Vocabulary().Function(a.Function)
	if a.Plugin != "" {
		sig = c.Vocabulary().Plugin(a.Plugin)
	}
	switch {
	case a.Function == "" && a.Plugin == "":
		return row.Int(0), errors.New("one of function and plugin is required")
	case sig == nil:
		return row.Null, nil
	}
	return row.Int(int64(sig.Version)), nil
})

type randArgs struct {
	Range int64 `vql:"range" doc:"bound, not reached"`
}

var randFunction = vql.NewFunction(vql.Spec{
	Name: "rand", Doc: "a random integer from 0 up to, and not including, range",
}, func(_ context.Context, _ *vql.Call, a *randArgs) (row.Value, error) {
	if a.Range <= 0 {
		return row.Int(0), nil
	}
	return row.Int(rand.Int64N(a.Range)), nil
})

type evalArgs struct {
	Func *vql.Lambda `vql:"func,required" doc:"a lambda, such as 'x => x + 1'"`
	Args row.Value   `vql:"args" doc:"its arguments, a list if there are several"`
}

var evalFunction = vql.NewFunction(vql.Spec{
	Name: "eval", Doc: "the value of a lambda called with arguments",
}, func(_ context.Context, c *vql.Call, a *evalArgs) (row.Value, error) {
	switch a.Args.Kind() {
	case row.KindNull:
		return a.Func.Call(c.Scope()), nil
	case row.KindList:
		return a.Func.Call(a.Args.List()...), nil
	}
	return a.Func.Call(a.Args), nil
})

type filterArgs struct {
	List      []row.Value `vql:"list,required" doc:"what to choose from"`
	Regex     string      `vql:"regex" doc:"keeps elements whose text matches"`
	Condition *vql.Lambda `vql:"condition" doc:"keeps elements for which it is true"`
}

var filterFunction = vql.NewFunction(vql.Spec{
	Name: "filter", Doc: "the elements of a list that match a pattern or satisfy a lambda",
}, func(_ context.Context, c *vql.Call, a *filterArgs) (row.Value, error) {
	keep := func(v row.Value) bool { return c.Match(row.String(row.Text(v)), a.Regex) }
	if a.Condition != nil {
		keep = func(v row.Value) bool { return c.Truth(a.Condition.Call(v)) }
	}
	out := []row.Value{}
	for _, v := range a.List {
		if keep(v) {
			out = append(out, v)
		}
	}
	return row.List(out), nil
})

type anyArgs struct {
	Items  row.Value   `vql:"items,required" doc:"a list, the values of a dict, or a value"`
	Filter *vql.Lambda `vql:"filter" doc:"the condition"`
	Regex  []string    `vql:"regex" doc:"patterns of which one must match (all(): every one)"`
}

var anyFunction = vql.NewFunction(vql.Spec{
	Name: "any", Doc: "whether some element satisfies a lambda or matches a pattern",
}, func(_ context.Context, c *vql.Call, a *anyArgs) (row.Value, error) {
	one := func(v row.Value) bool {
		return slices.ContainsFunc(a.Regex, func(re string) bool { return c.Match(v, re) })
	}
	return check(c, a, one, true)
})

var allFunction = vql.NewFunction(vql.Spec{
	Name: "all", Doc: "whether every element satisfies a lambda or matches all patterns",
}, func(_ context.Context, c *vql.Call, a *anyArgs) (row.Value, error) {
	every := func(v row.Value) bool {
		return !slices.ContainsFunc(a.Regex, func(re string) bool { return !c.Match(v, re) })
	}
	return check(c, a, every, false)
})

// check looks for an element for which the condition has the value that decides.
func check(c *vql.Call, a *anyArgs, matches func(row.Value) bool, decisive bool) (row.Value, error) {
	if a.Filter == nil && a.Regex == nil {
		return row.Null, errors.New("one of filter and regex is required")
	}
	if a.Filter != nil {
		matches = func(v row.Value) bool { return c.Truth(a.Filter.Call(v)) }
	}
	for _, v := range members(a.Items) {
		if matches(v) == decisive {
			return row.Bool(decisive), nil
		}
	}
	return row.Bool(!decisive), nil
}

// members returns the elements of a list, the values of a dict, and any other value alone.
func members(v row.Value) []row.Value {
	v = plain(v)
	switch v.Kind() {
	case row.KindList:
		return v.List()
	case row.KindDict:
		return v.Dict().Values()
	case row.KindNull:
		return nil
	}
	return []row.Value{v}
}
