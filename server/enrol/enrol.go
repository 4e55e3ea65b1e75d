// Package enrol knows which clients there are and by which key each signs, and
// takes in new ones.
package enrol

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"goshawk"
	"goshawk/internal/pki"
	"goshawk/store"
	"goshawk/wire"
)

// Options of Clients.
type Options struct {
	Store store.Clients
	Now   func() time.Time
	Log   *slog.Logger
	// Joined is called after a client was enrolled for the first time.
	Joined func(ctx context.Context, id goshawk.ClientID) error
}

// Clients is the keys of all enrolled clients, in memory: an agent that is
// known must never be taken for a stranger, who is told to throw away what it
// posted.
type Clients struct {
	o Options

	mu   sync.RWMutex // guards the field below
	keys map[goshawk.ClientID]*rsa.PublicKey
}

// Load reads the keys of all enrolled clients. It is called before listening.
func Load(ctx context.Context, o Options) (*Clients, error) {
	c := &Clients{o: o, keys: map[goshawk.ClientID]*rsa.PublicKey{}}
	for k, err := range o.Store.Keys(ctx) {
		if err != nil {
			return nil, fmt.Errorf("load clients' keys: %w", err)
		}
		key, err := x509.ParsePKCS1PublicKey(k.DER)
		if err != nil {
			return nil, fmt.Errorf("%w: key of client %s: %w", goshawk.ErrCorrupt, k.Client, err)
		}
		c.keys[k.Client] = key
	}
	return c, nil
}

// Key returns the key by which a client's packets are verified.
func (c *Clients) Key(p wire.Peer) (*rsa.PublicKey, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if key := c.keys[goshawk.ClientID(p.Name)]; key != nil && p.Org == goshawk.RootOrg {
		return key, nil
	}
	return nil, fmt.Errorf("client %q: %w", p.Name, goshawk.ErrNotFound)
}

// Len is the number of enrolled clients.
func (c *Clients) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.keys)
}

// Take enrols the senders of the requests in an untrusted packet. Anything
// else in it is left alone: nobody knows who said it.
func (c *Clients) Take(ctx context.Context, p *wire.Packet) error {
	for list, err := range p.Lists {
		if err != nil {
			return err
		}
		for _, m := range list.Messages {
			csr, ok := m.Body.(*wire.CSR)
			if !ok {
				continue
			}
			if err := c.enrol(ctx, p, csr); err != nil {
				return err
			}
		}
	}
	return nil
}

// enrol takes in one client. A request that is no good is logged and refused
// without an error: asking again would not help.
func (c *Clients) enrol(ctx context.Context, p *wire.Packet, csr *wire.CSR) error {
	id, key, err := pki.ParseRequest(csr.PEM)
	if err == nil && p.Source != string(id) {
		err = fmt.Errorf("%w: the request is of %s", goshawk.ErrInvalid, id)
	}
	if err != nil {
		c.o.Log.Warn("enrolment refused", "client", p.Source, "error", err)
		return nil
	}
	created, err := c.o.Store.Enrol(ctx, id, x509.MarshalPKCS1PublicKey(key), c.o.Now())
	if errors.Is(err, goshawk.ErrExists) {
		c.o.Log.Warn("enrolment refused: another key has this id", "client", id)
		return nil
	}
	if err != nil {
		return fmt.Errorf("enrol %s: %w", id, err)
	}
	c.mu.Lock()
	c.keys[id] = key
	c.mu.Unlock()
	if !created {
		return nil
	}
	c.o.Log.Info("client enrolled", "client", id)
	return c.o.Joined(ctx, id)
}
