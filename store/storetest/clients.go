package storetest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"goshawk"
	"goshawk/store"
)

var clientTests = map[string]func(*env){
	"clients/enrol once, again and with another key": func(e *env) {
		id := e.enrol(1)
		e.twice(func() {
			created, err := e.Enrol(e.Context(), id, []byte{1}, at(50))
			e.must(err)
			e.want("created again", created, false)
			created, err = e.Enrol(e.Context(), id, []byte{2}, at(50))
			e.wantErr("another key", err, goshawk.ErrExists)
			e.want("created with another key", created, false)
			c, err := e.Client(e.Context(), id)
			e.must(err)
			e.want("client", c, goshawk.Client{ID: id, FirstSeen: at(1), LastSeen: at(1)})
		})
		_, err := e.Client(e.Context(), clientID(9))
		e.wantErr("a client that is not there", err, goshawk.ErrNotFound)
	},

	"clients/keys yields every key once": func(e *env) {
		const n = 2500
		want := map[goshawk.ClientID]string{}
		e.enrolMany(n)
		for i := range n {
			want[clientID(i)] = string([]byte{byte(i), byte(i >> 8)})
		}
		e.twice(func() {
			keys := e.Keys(e.Context())
			for range 2 { // the sequence can be run through again
				got := map[goshawk.ClientID]string{}
				for k, err := range keys {
					e.must(err)
					if _, twice := got[k.Client]; twice {
						e.Fatalf("%s comes twice", k.Client)
					}
					got[k.Client] = string(k.DER)
				}
				if !maps.Equal(got, want) {
					e.Fatalf("%d keys, want %d that are as they were enrolled", len(got), len(want))
				}
			}
			for range keys {
				break // must leave nothing locked
			}
		})
	},

	"clients/facts replace what is known, empty ones do not": func(e *env) {
		id := e.enrol(1)
		facts := goshawk.Client{
			ID: clientID(7), Hostname: "host", FQDN: "host.example.net", OS: "linux", Release: "debian 12", Architecture: "amd64",
			AgentName: "goshawk", AgentVersion: "1", Labels: []string{"a", "b"}, MACs: []string{"00:11:22:33:44:55"},
			Address: "not this way", FirstSeen: at(-900), LastSeen: at(900),
		}
		e.commit(id, store.ClientFacts{Client: facts})
		e.commit(id, store.ClientFacts{Client: goshawk.Client{AgentVersion: "2", Labels: []string{"c"}}})
		want := facts
		want.ID, want.AgentVersion, want.Labels = id, "2", []string{"c"}
		want.FirstSeen, want.LastSeen, want.Address = at(1), at(200), "192.0.2.1:1"
		e.twice(func() {
			got, err := e.Client(e.Context(), id)
			e.must(err)
			e.want("client", got, want)
		})
	},

	"clients/seen never moves back and ignores strangers": func(e *env) {
		a, b := e.enrol(1), e.enrol(2)
		see := func(id goshawk.ClientID, when time.Time, address string) {
			e.must(e.Seen(e.Context(), []store.Sighting{{Client: clientID(99), At: when}, {Client: id, At: when, Address: address}}))
		}
		see(a, at(500), "198.51.100.1:9")
		see(a, at(400), "198.51.100.2:9")
		see(b, at(300), "")
		e.must(e.Seen(e.Context(), nil))
		e.commit(a) // at(200), earlier
		e.twice(func() {
			ca, err := e.Client(e.Context(), a)
			e.must(err)
			cb, err := e.Client(e.Context(), b)
			e.must(err)
			e.want("times", []time.Time{ca.FirstSeen, ca.LastSeen, cb.LastSeen}, []time.Time{at(1), at(500), at(300)})
			e.want("addresses", []string{ca.Address, cb.Address}, []string{"198.51.100.1:9", ""})
		})
		_, err := e.Client(e.Context(), clientID(99))
		e.wantErr("a stranger that was seen", err, goshawk.ErrNotFound)
	},

	"clients/seen takes many at once": func(e *env) {
		var all []store.Sighting
		e.enrolMany(1200)
		for i := range 1200 {
			all = append(all, store.Sighting{Client: clientID(i), At: at(10 + i), Address: "a"})
		}
		e.must(e.Seen(e.Context(), all))
		list, err := e.ListClients(e.Context(), "", "", 5000)
		e.must(err)
		for i, c := range list {
			if !c.LastSeen.Equal(at(10 + i)) {
				e.Fatalf("%s was seen %s, want %s", c.ID, c.LastSeen, at(10+i))
			}
		}
		e.want("clients", len(list), 1200)
	},

	"clients/list finds by a part, page by page": func(e *env) {
		names := []string{"Alpha", "beta", "GAMMA-ä-ÖL", "50%_off", "x'; DROP TABLE clients; --", "back\\slash", "nul\x00inside", "Straße"}
		for i, name := range names {
			id := e.enrol(i)
			e.commit(id, store.ClientFacts{Client: goshawk.Client{Hostname: name, FQDN: name + ".Example.NET"}})
		}
		e.must(e.Seen(e.Context(), []store.Sighting{{Client: clientID(1), At: at(900), Address: "[2001:DB8::1]:443"}}))
		for search, want := range map[string][]int{
			"":                     {0, 1, 2, 3, 4, 5, 6, 7},
			"alpha":                {0},
			"ALPHA":                {0},
			"gamma-Ä-öl":           {2},
			"%":                    {3},
			"_":                    {3},
			"'":                    {4},
			"drop table":           {4},
			"\\":                   {5},
			"L\x00I":               {6},
			"STRAßE":               {7},
			"EXAMPLE.net":          {0, 1, 2, 3, 4, 5, 6, 7},
			"db8::1":               {1},
			"192.0.2.1:1":          {0, 2, 3, 4, 5, 6, 7},
			"C.0000000000000003":   {3},
			"0005":                 {5},
			"no such host":         nil,
			"alpha\x00":            nil,
			"alphaalpha.example":   nil, // no match across two fields
			"alpha\nalpha.example": nil,
		} {
			list, err := e.ListClients(e.Context(), search, "", 100)
			e.must(err)
			var got []int
			for _, c := range list {
				got = append(got, slices.Index(names, c.Hostname))
			}
			e.want("search "+search, got, want)
		}
		e.twice(func() {
			var got []string
			for after := goshawk.ClientID(""); ; {
				list, err := e.ListClients(e.Context(), "example", after, 3)
				e.must(err)
				if len(list) == 0 {
					break
				}
				for _, c := range list {
					got = append(got, c.Hostname)
				}
				after = list[len(list)-1].ID
			}
			e.want("all pages", got, names)
		})
		_, err := e.ListClients(e.Context(), "", "", 0)
		e.wantErr("a limit of 0", err, goshawk.ErrInvalid)
		list, err := e.ListClients(e.Context(), strings.Repeat("long", 100_000), "", 1)
		e.must(err)
		e.want("a very long search", len(list), 0)
	},
}
