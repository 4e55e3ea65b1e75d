package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"goshawk"
	"goshawk/config"
)

type configCommands struct {
	Generate  configGenerate  `cmd:"" help:"Make a new deployment: the server's configuration, on standard output."`
	Client    configClient    `cmd:"" help:"The clients' configuration, from a server's (--config), on standard output."`
	APIClient configAPIClient `cmd:"" name:"api_client" help:"A file with which a program uses the API."`
	Show      configShow      `cmd:"" help:"A configuration as it is understood."`
}

type configGenerate struct {
	Merge string `name:"merge" placeholder:"JSON" help:"Override keys of the result, such as '{\"Frontend\":{\"bind_port\":9000}}'."`
}

// Help is shown by --help.
func (configGenerate) Help() string {
	return "Example: goshawk config generate > server.config.yaml"
}

// Run prints a new configuration.
func (c *configGenerate) Run() error {
	text, err := config.Generate(time.Now(), []byte(c.Merge))
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

type configClient struct {
	SettingsOut string `name:"settings_out" type:"path" placeholder:"FILE" help:"Write the agents' part of goshawk.yaml here, if there is any."`
}

// Help is shown by --help.
func (configClient) Help() string {
	return "Example: goshawk --config server.config.yaml config client > client.config.yaml"
}

// Run prints the clients' configuration.
func (c *configClient) Run(all *commands) error {
	s, err := all.serverConfig()
	if err != nil {
		return err
	}
	if err := c.writeSettings(all); err != nil {
		return err
	}
	text, err := config.ClientFile(s)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

// writeSettings writes what the settings say about agents.
func (c *configClient) writeSettings(all *commands) error {
	if c.SettingsOut == "" {
		return nil
	}
	set, err := all.settings()
	if err != nil {
		return err
	}
	text, err := set.AgentFile()
	if err != nil || len(text) == 0 {
		return err
	}
	return config.WriteFile(c.SettingsOut, text)
}

type configAPIClient struct {
	Name string `name:"name" required:"" help:"Name of the user."`
	Role string `name:"role" help:"Role of the user: administrator, analyst or reader. Without it the user must exist."`
	File string `arg:"" type:"path" help:"File to write."`
}

// Help is shown by --help.
func (configAPIClient) Help() string {
	return "Example: goshawk --config server.config.yaml config api_client --name ann --role analyst ann.api.yaml"
}

// Run writes a certificate for a user, who is recorded with the role.
func (c *configAPIClient) Run(ctx context.Context, all *commands) error {
	s, err := all.serverConfig()
	if err != nil {
		return err
	}
	text, err := config.APIClient(s, c.Name, time.Now())
	if err != nil {
		return err
	}
	if err := c.record(ctx, s); err != nil {
		return err
	}
	return config.WriteFile(c.File, text)
}

// record notes the user in the store, which a running server may have open.
func (c *configAPIClient) record(ctx context.Context, s *config.Server) error {
	st, err := openStore(ctx, s, quiet())
	if err != nil {
		return err
	}
	defer st.Close()
	if c.Role == "" {
		_, err := st.User(ctx, c.Name)
		if errors.Is(err, goshawk.ErrNotFound) {
			return fmt.Errorf("no user is called %q: give a role (--role) to make one", c.Name)
		}
		return err
	}
	role, err := goshawk.ParseRole(c.Role)
	if err != nil {
		return exitError{exitUsage, err}
	}
	return st.PutUser(ctx, goshawk.User{Name: c.Name, Role: role, Created: time.Now()})
}

type configShow struct{}

// Run prints the configuration.
func (*configShow) Run(all *commands) error {
	if all.Config == "" {
		return errNoConfig
	}
	text, err := config.Show(all.Config)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

var errNoConfig = exitError{exitUsage, errors.New("--config FILE is required")}

func (c *commands) serverConfig() (*config.Server, error) {
	if c.Config == "" {
		return nil, errNoConfig
	}
	return config.LoadServer(c.Config)
}

// settings loads the settings beside the configuration, or those named.
func (c *commands) settings() (*config.Settings, error) {
	if c.Settings != "" {
		if _, err := os.Stat(c.Settings); err != nil {
			return nil, fmt.Errorf("settings: %w", err)
		}
		return config.LoadSettings(c.Settings)
	}
	return config.LoadSettings(config.SettingsPath(c.Config))
}
