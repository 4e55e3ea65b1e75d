package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"

	"goshawk/transport"
)

type serverCommand struct{}

// Help is shown by --help.
func (serverCommand) Help() string {
	return "Example: goshawk --config server.config.yaml server"
}

// Run serves agents and the API until the program is told to end.
func (*serverCommand) Run(ctx context.Context, all *commands) error {
	conf, err := all.serverConfig()
	if err != nil {
		return err
	}
	settings, err := all.settings()
	if err != nil {
		return err
	}
	log := all.logger()
	d, err := assembleServer(ctx, conf, settings, log)
	if err != nil {
		return err
	}
	defer d.close()
	return d.run(ctx, log)
}

// logger writes to standard error.
func (c *commands) logger() *slog.Logger {
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// quiet logs nothing.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// run serves until ctx ends or a part fails, and then stops all parts.
func (d *deployment) run(ctx context.Context, log *slog.Logger) error {
	front, err := net.Listen("tcp", d.frontAddress)
	if err != nil {
		return fmt.Errorf("listen for agents: %w", err)
	}
	api, err := net.Listen(d.apiNetwork, d.apiAddress)
	if err != nil {
		front.Close()
		return fmt.Errorf("listen for the API: %w", err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	part := func(what string, f func() error) {
		wg.Go(func() {
			if err := f(); err != nil {
				stop(fmt.Errorf("%s: %w", what, err))
			}
			stop(nil)
		})
	}
	part("frontend", func() error { return transport.Serve(ctx, front, d.frontTLS, d.frontend, log, d.frontend.Close) })
	part("API", func() error { return transport.Serve(ctx, api, d.apiTLS, d.api, log, nil) })
	// The server's own work ends after the doors are shut.
	inner, end := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- d.server.Run(inner) }() // ends when end is called, awaited below
	log.Info("server is ready", "agents", front.Addr().String(), "api", api.Addr().String(), "clients", d.known())
	wg.Wait()
	end()
	err = errors.Join(<-ended, failure(ctx))
	log.Info("server has stopped")
	return err
}

// failure is why a context was cancelled by one of our parts, or nil.
func failure(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
