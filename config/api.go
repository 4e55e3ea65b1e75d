package config

import (
	"cmp"

	"goshawk/internal/pki"
)

// APIFile is the file with which a program connects to the API.
type APIFile struct {
	CACertificate    string `yaml:"ca_certificate"`
	ClientCert       string `yaml:"client_cert"`
	ClientPrivateKey string `yaml:"client_private_key"`
	ConnectionString string `yaml:"api_connection_string"` // host:port, or unix:// and a path
	Name             string `yaml:"name"`
	PinnedServerName string `yaml:"pinned_server_name"`
	MaxGRPCRecvSize  uint64 `yaml:"max_grpc_recv_size"` // bytes
}

// LoadAPI reads the file of an API client.
func LoadAPI(path string) (*APIFile, error) {
	d, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	f := &APIFile{}
	if err := d.decode(rootAPIClient, checkAPIClient, f); err != nil {
		return nil, err
	}
	f.MaxGRPCRecvSize = cmp.Or(f.MaxGRPCRecvSize, 4<<20)
	return f, nil
}

// PinnedName returns the name that the server's certificate must have.
func (f *APIFile) PinnedName() string { return cmp.Or(f.PinnedServerName, pki.ServerName) }
