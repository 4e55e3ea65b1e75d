// Package agent is the program on the endpoint: it keeps in touch with the
// server, runs what it asks for, and delivers what comes of it.
package agent

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"goshawk"
	"goshawk/agent/runner"
	"goshawk/agent/spool"
	"goshawk/plugin"
	"goshawk/row"
	"goshawk/transport"
	"goshawk/vql"
	"goshawk/wire"
)

// Version says what program this is.
type Version struct{ Name, Version, BuildTime string }

// Options of an Agent.
type Options struct {
	ID      goshawk.ClientID
	Version Version
	Labels  []string

	URLs    []string // of the servers, each ends in a slash
	TLS     *tls.Config
	Dial    transport.Dialer // nil: the system's
	Timeout time.Duration    // of connecting
	Codec   wire.Codec
	Trust   func(pem []byte) (name string, err error) // see transport.LinkOptions
	CSR     func() ([]byte, error)                    // PEM of the request to be enrolled

	MinPoll, MaxPoll, MaxPollStd time.Duration
	MaxPost                      int // bytes of one post
	Concurrency                  int // flows at once
	StatsEvery                   time.Duration
	Buffer                       int // bytes that wait for the server, in memory
	Now                          func() time.Time
	Log                          *slog.Logger
}

// Agent is the program on the endpoint.
type Agent struct {
	o      Options
	spool  *spool.Memory
	runner *runner.Runner
	link   *transport.Link

	mu      sync.Mutex // guards the field below
	greeted bool       // the server was told who this is
}

// Run runs the agent until ctx ends.
func Run(ctx context.Context, o Options) error {
	a := &Agent{o: o, spool: spool.NewMemory(o.Buffer)}
	vocabulary, err := plugin.Vocabulary(plugin.Options{Uploader: runner.Uploader{}})
	if err != nil {
		return err
	}
	a.runner = runner.New(ctx, runner.Options{
		Vocabulary: vocabulary, Env: a.env(), Outbox: a.spool, Pack: o.Codec.Pack, Now: o.Now, Log: o.Log,
		Concurrency: o.Concurrency, StatsEvery: o.StatsEvery,
	})
	a.link = transport.NewLink(transport.LinkOptions{
		URLs: o.URLs, TLS: o.TLS, Dial: o.Dial, Timeout: o.Timeout, Codec: o.Codec, Trust: o.Trust, Greet: a.greet, Greeted: a.told, Handle: a.runner.Handle,
		Enrolment: a.enrolment, Outbox: a.spool, Log: o.Log,
		MinPoll: o.MinPoll, MaxPoll: o.MaxPoll, MaxPollStd: o.MaxPollStd, MaxPost: o.MaxPost,
	})
	o.Log.Info("agent is ready", "client", o.ID, "servers", o.URLs)
	a.link.Run(ctx)
	a.runner.Wait()
	return nil
}

// env is what every scope begins with: queries ask it which agent this is.
func (a *Agent) env() []vql.Variable {
	v := &row.Dict{}
	v.Set("Name", row.String(a.o.Version.Name))
	v.Set("Version", row.String(a.o.Version.Version))
	v.Set("BuildTime", row.String(a.o.Version.BuildTime))
	v.Set("ci_build_url", row.String(""))
	labels := row.Strings(a.o.Labels)
	c := row.FromDict(row.NewDict(row.NewColumns("Version", "Labels"), []row.Value{row.FromDict(v), labels}))
	return []vql.Variable{{Name: "config", Value: c}}
}

func (a *Agent) enrolment() (wire.Message, error) {
	pem, err := a.o.CSR()
	if err != nil {
		return wire.Message{}, fmt.Errorf("request to be enrolled: %w", err)
	}
	return wire.Message{Session: wire.SessionEnrol, Urgent: true, Body: &wire.CSR{PEM: pem}}, nil
}

// greet is what is said at a check-in: which event table runs, which requests
// were taken over, and once who this is.
func (a *Agent) greet() []wire.Message {
	out := []wire.Message{{Session: wire.SessionCheck, Body: &wire.Checkin{}}}
	a.mu.Lock()
	first := !a.greeted
	a.mu.Unlock()
	if first {
		out = append(out, a.introduction())
	}
	return append(out, a.runner.Accepted()...)
}

func (a *Agent) told(said []wire.Message) {
	a.runner.Told(said)
	for _, m := range said {
		if m.Session == string(goshawk.Monitoring) {
			a.mu.Lock()
			a.greeted = true
			a.mu.Unlock()
		}
	}
}

// introduction tells who this is, in the form of the protocol.
func (a *Agent) introduction() wire.Message {
	d := &row.Dict{}
	set := func(key, value string) {
		if value != "" {
			d.Set(key, row.String(value))
		}
	}
	host, _ := os.Hostname() // an unnamed host is told of without a name
	set("hostname", host)
	set("system", runtime.GOOS)
	set("architecture", runtime.GOARCH)
	set("client_version", a.o.Version.Version)
	set("client_name", a.o.Version.Name)
	set("build_time", a.o.Version.BuildTime)
	if len(a.o.Labels) > 0 {
		d.Set("labels", row.Strings(a.o.Labels))
	}
	return wire.Message{Session: string(goshawk.Monitoring), Body: &wire.Rows{
		Name: "Server.Internal.ClientInfo", Count: 1, At: a.o.Now(), Statement: randomID(),
		Data: append(row.AppendJSON(nil, row.FromDict(d), nil), '\n'),
	}}
}

// randomID makes this message differ from the same of other starts.
func randomID() int {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return int(binary.BigEndian.Uint32(b[:]))
}
