// Goshawk asks questions of a fleet of computers: server, agent and command
// line in one program.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses.
const (
	exitFailed  = 1 // parse, configuration, connection
	exitUsage   = 2
	exitStopped = 3 // by a limit, a time-out or a cancel
	exitStrict  = 4 // --strict, and an error was logged
)

// exitError is an error that ends the program with a status of its own.
type exitError struct {
	status int
	error
}

func (e exitError) Unwrap() error { return e.error }

// commands is the command line.
type commands struct {
	Config   string `name:"config" short:"c" type:"path" placeholder:"FILE" help:"Configuration of a server or client."`
	Settings string `name:"settings" type:"path" placeholder:"FILE" help:"Goshawk's own settings (goshawk.yaml beside the configuration, if that is there)."`
	Verbose  bool   `name:"verbose" short:"v" help:"Say more on standard error."`

	ConfigCmd configCommands `cmd:"" name:"config" help:"Make and show the files of a deployment."`
	Server    serverCommand  `cmd:"" aliases:"frontend" help:"Run the server."`
	Client    clientCommand  `cmd:"" help:"Run the agent."`
	Query     queryCommand   `cmd:"" help:"Run VQL here, on the server, or on a client."`
	Clients   clientCommands `cmd:"" help:"Look at clients."`
	Flows     flowCommands   `cmd:"" help:"Look at collections and what they brought."`
	Version   versionCommand `cmd:"" help:"Say which version this is."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run runs one command and returns the exit status.
func run(ctx context.Context, args []string) int {
	var c commands
	status := -1 // set by --help
	parser, err := kong.New(&c,
		kong.Name("goshawk"),
		kong.Description("Asks questions of a fleet of computers and gets the answers back in seconds, without losing one."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Exit(func(code int) { status = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		panic("bug: command line: " + err.Error())
	}
	parsed, err := parser.Parse(args)
	if status >= 0 {
		return status
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "goshawk: %v\nTry goshawk --help.\n", err)
		return exitUsage
	}
	return statusOf(parsed.Run(&c))
}

// statusOf reports an error and returns the exit status for it.
func statusOf(err error) int {
	if err == nil {
		return 0
	}
	status := exitFailed
	var e exitError
	if errors.As(err, &e) {
		status, err = e.status, e.error
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "goshawk: %v\n", message(err))
	}
	return status
}
