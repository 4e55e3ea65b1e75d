package exec

import (
	"context"
	"errors"

	"goshawk/row"
)

// Out is where a plugin's rows go. Each row is passed on at once; who has many
// at hand passes a Batch.
type Out struct {
	cols *row.Columns
	b    row.Batch
	emit Emit
	t    *thread
	err  error // what the receiver said
}

// Row emits one row, with a value for each of the plugin's declared columns.
func (o *Out) Row(vals ...row.Value) error {
	o.b.Reset(o.cols)
	o.b.Append(vals...)
	return o.Batch(&o.b)
}

// Dict emits the entries of d as a row.
func (o *Out) Dict(d *row.Dict) error {
	o.b.Reset(o.t.columnsOf(d))
	o.b.Append(d.Values()...)
	return o.Batch(&o.b)
}

// Value emits v as rows, as a query argument would: a dict is a row, a list is
// one for each element, another value is the row {_value: v}.
func (o *Out) Value(v row.Value) error {
	return o.t.rowsOfArgument(v, o.t.session.scope(), o.Batch)
}

// Object emits an object as a row whose columns are its members.
func (o *Out) Object(v row.Value) error {
	o.b.Reset(openColumns)
	o.b.Append(v)
	return o.Batch(&o.b)
}

// Batch emits rows; b is the caller's again afterwards.
func (o *Out) Batch(b *row.Batch) error {
	if o.err != nil {
		return o.err
	}
	if b.Len() == 0 {
		return nil
	}
	if o.err = o.t.tick(); o.err == nil {
		o.err = o.emit(b)
	}
	return o.err
}

func compilePluginCall[A any](b *binder[A], site *callSite, cols *row.Columns, run func(context.Context, *Call, *A, *Out) error) (source, error) {
	args, err := b.resolve(site.args)
	if err != nil {
		return nil, err
	}
	return func(t *thread, s *scope, emit Emit) error {
		var a A
		if err := b.fill(&a, args, site, t, s); err != nil {
			t.refuse(site.name, err, row.Null)
			return nil
		}
		out := &Out{cols: cols, emit: emit, t: t}
		err := run(t.ctx, &Call{t: t, s: s, site: site}, &a, out)
		return t.ended(site.name, out, err)
	}, nil
}

// ended says whether the session goes on after a plugin returned: what its
// receiver said and a cancelled context end it, its own failure is logged.
func (t *thread) ended(name string, out *Out, err error) error {
	if out.err != nil {
		return out.err
	}
	if stopped := t.check(); stopped != nil {
		return stopped
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrLimit) {
		return err
	}
	t.refuse(name, err, row.Null)
	return nil
}
