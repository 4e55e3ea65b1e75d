package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"goshawk"
	"goshawk/store"
)

// Enrol implements store.Clients.
func (s *Store) Enrol(ctx context.Context, id goshawk.ClientID, key []byte, at time.Time) (created bool, err error) {
	err = s.writer.write(ctx, func(c *conn) error {
		var old []byte
		known, err := c.one("SELECT key FROM clients WHERE name = ?", func(r *record) { old = r.blob() }, string(id))
		if err != nil {
			return err
		}
		if known && !bytes.Equal(old, key) {
			return fmt.Errorf("%w with another key", goshawk.ErrExists)
		}
		if created = !known; known {
			return nil
		}
		row, err := c.insert("INSERT INTO clients (name, key, first_seen) VALUES (?, ?, ?)", string(id), key, micros(at))
		if err != nil {
			return err
		}
		_, err = c.insert("INSERT INTO contacts (client, seen) VALUES (?, ?)", row, micros(at))
		return err
	})
	return created && err == nil, wrap("enrol client "+string(id), err)
}

// keysPage is how many keys are read at a time.
const keysPage = 1000

// Keys implements store.Clients.
func (s *Store) Keys(ctx context.Context) iter.Seq2[store.ClientKey, error] {
	return pages(0, func(after int64) (page []store.ClientKey, last int64, err error) {
		err = s.pool.read(ctx, func(c *conn) error {
			return c.each("SELECT id, name, key FROM clients WHERE id > ? ORDER BY id LIMIT ?", func(r *record) bool {
				last = r.int()
				page = append(page, store.ClientKey{Client: goshawk.ClientID(r.text()), DER: r.blob()})
				return true
			}, after, int64(keysPage))
		})
		return page, last, wrap("read clients' keys", err)
	})
}

const clientColumns = `SELECT c.name, c.hostname, c.fqdn, c.os, c.release, c.architecture, c.agent_name, c.agent_version,
	k.address, c.labels, c.macs, c.first_seen, k.seen FROM clients c JOIN contacts k ON k.client = c.id `

func scanClient(r *record) goshawk.Client {
	return goshawk.Client{
		ID: goshawk.ClientID(r.text()), Hostname: r.text(), FQDN: r.text(), OS: r.text(), Release: r.text(),
		Architecture: r.text(), AgentName: r.text(), AgentVersion: r.text(), Address: r.text(),
		Labels: r.strings(), MACs: r.strings(), FirstSeen: r.time(), LastSeen: r.time(),
	}
}

// Client implements store.Clients.
func (s *Store) Client(ctx context.Context, id goshawk.ClientID) (client goshawk.Client, err error) {
	err = s.pool.read(ctx, func(c *conn) error {
		found, err := c.one(clientColumns+"WHERE c.name = ?", func(r *record) { client = scanClient(r) }, string(id))
		if err == nil && !found {
			err = goshawk.ErrNotFound
		}
		return err
	})
	return client, wrap("client "+string(id), err)
}

// ListClients implements store.Clients.
func (s *Store) ListClients(ctx context.Context, search string, after goshawk.ClientID, limit int) (list []goshawk.Client, err error) {
	if limit < 1 {
		return nil, errLimit(limit)
	}
	err = s.pool.read(ctx, func(c *conn) error {
		return c.each(clientColumns+`WHERE c.name > ?1 AND (instr(c.name, ?2) OR instr(c.hostname_fold, ?3)
			OR instr(c.fqdn_fold, ?3) OR instr(lower(k.address), ?3)) ORDER BY c.name LIMIT ?4`,
			func(r *record) bool {
				list = append(list, scanClient(r))
				return true
			}, string(after), search, strings.ToLower(search), int64(limit))
	})
	return list, wrap("list clients", err)
}

func errLimit(limit int) error {
	return fmt.Errorf("%w: a limit of %d", goshawk.ErrInvalid, limit)
}

// seenChunk is how many sightings share a submission, lest they hold up others.
const seenChunk = 500

// Seen implements store.Clients.
func (s *Store) Seen(ctx context.Context, sightings []store.Sighting) error {
	for chunk := range slices.Chunk(sightings, seenChunk) {
		err := s.writer.write(ctx, func(c *conn) error {
			for _, g := range chunk {
				err := c.exec(`UPDATE contacts SET seen = ?2, address = iif(?3 = '', address, ?3)
					WHERE client = (SELECT id FROM clients WHERE name = ?1) AND seen < ?2`,
					string(g.Client), micros(g.At), g.Address)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return wrap("record sightings", err)
		}
	}
	return nil
}

// learn records what a client tells of itself.
func learn(c *conn, row int64, n goshawk.Client) error {
	return c.exec(`UPDATE clients SET
		hostname = iif(?2 = '', hostname, ?2), hostname_fold = iif(?2 = '', hostname_fold, ?3),
		fqdn = iif(?4 = '', fqdn, ?4), fqdn_fold = iif(?4 = '', fqdn_fold, ?5),
		os = iif(?6 = '', os, ?6), release = iif(?7 = '', release, ?7),
		architecture = iif(?8 = '', architecture, ?8), agent_name = iif(?9 = '', agent_name, ?9),
		agent_version = iif(?10 = '', agent_version, ?10),
		labels = iif(?11 = x'', labels, ?11), macs = iif(?12 = x'', macs, ?12)
		WHERE id = ?1`,
		row, n.Hostname, strings.ToLower(n.Hostname), n.FQDN, strings.ToLower(n.FQDN), n.OS, n.Release,
		n.Architecture, n.AgentName, n.AgentVersion, stringsOf(n.Labels), stringsOf(n.MACs))
}
