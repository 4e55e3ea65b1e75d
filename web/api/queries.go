package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"connectrpc.com/connect"

	"goshawk"
	"goshawk/row"
	"goshawk/server"
	"goshawk/vql"
	apiv1 "goshawk/web/api/v1"
)

type queries struct{ server *server.Server }

// Run runs VQL on the server and sends its rows and log lines.
func (q *queries) Run(ctx context.Context, req *connect.Request[apiv1.RunRequest], out *connect.ServerStream[apiv1.RunResponse]) error {
	p, err := vql.Compile(strings.Join(req.Msg.Vql, "\n"))
	if err != nil {
		return fmt.Errorf("%w: %w", goshawk.ErrInvalid, err)
	}
	limits, err := limitsOf(req.Msg.Limits)
	if err != nil {
		return err
	}
	var env []vql.Variable
	for _, v := range req.Msg.Env {
		env = append(env, vql.Variable{Name: v.Name, Value: row.String(v.Value)})
	}
	s := &answers{out: out}
	err = q.server.Query(ctx, p, vql.Options{
		Env: env, Limits: vql.Limits{Rows: limits.Rows, Time: limits.Time},
		Log: func(l vql.Level, text string) { s.send(&apiv1.RunResponse{LogLevel: string(l), Log: valid(text)}) },
	}, func(i int, b *vql.Batch) error {
		return s.send(&apiv1.RunResponse{Statement: int64(i), Jsonl: b.AppendJSONL(nil, nil)})
	})
	if errors.Is(err, vql.ErrLimit) {
		return fmt.Errorf("%w: %w", goshawk.ErrLimit, err)
	}
	return err
}

// answers lets rows and log lines, which may come from different goroutines,
// go out one after another.
type answers struct {
	mu  sync.Mutex // guards out
	out *connect.ServerStream[apiv1.RunResponse]
}

func (a *answers) send(m *apiv1.RunResponse) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.out.Send(m)
}
