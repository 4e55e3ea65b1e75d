// Package process is the part of the vocabulary about processes.
//
// pslist has the columns that each system offers. What cannot be read of a
// process is empty, zero or NULL; a process that ends while it is looked at is
// left out.
package process

import (
	"context"
	"os"

	"goshawk/row"
	"goshawk/vql"
)

// Plugins lists the plugins of this package.
func Plugins() []vql.Plugin { return []vql.Plugin{pslistPlugin} }

// Functions lists the functions of this package.
func Functions() []vql.Function { return []vql.Function{getpidFunction} }

type getpidArgs struct{}

var getpidFunction = vql.NewFunction(vql.Spec{
	Name: "getpid", Doc: "the id of this process",
}, func(context.Context, *vql.Call, *getpidArgs) (row.Value, error) {
	return row.Int(int64(os.Getpid())), nil
})

type pslistArgs struct {
	Pid int64 `vql:"pid" doc:"only this process; without it all"`
}

var pslistPlugin = vql.NewPlugin(vql.Spec{
	Name: "pslist", Doc: "the processes that run, by their ids", Columns: columns.Names(),
}, func(ctx context.Context, _ *vql.Call, a *pslistArgs, out *vql.Out) error {
	if a.Pid != 0 {
		return one(ctx, a.Pid, out)
	}
	return all(ctx, out)
})

// batchRows is the number of processes that are passed on at once.
const batchRows = 64

// emitter collects rows into batches.
type emitter struct {
	batch *row.Batch
	out   *vql.Out
}

func newEmitter(out *vql.Out) *emitter { return &emitter{row.NewBatch(columns, batchRows), out} }

func (e *emitter) add(vals []row.Value) error {
	e.batch.Append(vals...)
	if e.batch.Len() < batchRows {
		return nil
	}
	return e.flush()
}

func (e *emitter) flush() error {
	err := e.out.Batch(e.batch)
	e.batch.Reset(columns)
	return err
}
