package server

import (
	"context"

	"goshawk"
	"goshawk/server/ingest"
	"goshawk/wire"
)

// interrogation asks a client who it is. Stock agents know all that it
// mentions; the columns are those that the record of a client is filled from.
const interrogation = `
SELECT OS, Hostname, Fqdn, Architecture, Platform, PlatformVersion, KernelVersion,
       config.Version.Name AS Name, config.Version.Version AS Version,
       config.Version.BuildTime AS BuildTime, config.Version.ci_build_url AS build_url
FROM info()`

// interrogator is who creates such flows.
const interrogator = "InterrogationService"

// interrogate queues the first flow of a client that has just been enrolled.
func (s *Server) interrogate(ctx context.Context, id goshawk.ClientID) error {
	_, err := s.start(ctx, goshawk.Flow{Client: id, Creator: interrogator, Artifacts: []string{"Generic.Client.Info"}}, &wire.FlowRequest{
		Collections: []wire.Collection{{Queries: []wire.Query{{Name: ingest.Interrogation, VQL: interrogation}}}},
	}, true)
	return err
}
