package storetest

import (
	"strings"

	"goshawk"
	"goshawk/store"
)

// hostile is what a client or a caller may use for a name.
func hostile() []string {
	return []string{
		"", "\x00", "a\x00b", "\x01\x1b[2J\r\n\x7f", "\xff\xfe invalid", "'; DROP TABLE flows; --", `"`, "`", "%", "_", "?1", ":name", "$x", "@v",
		"x' OR '1'='1", "../../etc/passwd", `C:\Windows\..`, "{{.}}", "\u202e\U0001F985", strings.Repeat("ü", 2048), strings.Repeat("\x00'", 2048),
	}
}

var hostileTests = map[string]func(*env){
	"hostile/names of sources and files are data": func(e *env) {
		c, id := e.start()
		var effects []store.Effect
		for i, name := range hostile() {
			b := rows(id, 0, 1)
			b.Source = name
			u := goshawk.Upload{Flow: id, Number: int64(i), Accessor: name, Components: []string{name, "", name}}
			effects = append(effects, b, store.UploadPart{Upload: u}, store.LogBatch{Flow: id, Count: 1, JSONL: []byte(name)})
		}
		e.want("strange or repeated", e.commit(c, effects...).Strange, 0)
		e.twice(func() {
			sources, err := e.Sources(e.Context(), c, id)
			e.must(err)
			e.want("sources", len(sources), len(hostile()))
			files, err := e.Uploads(e.Context(), c, id)
			e.must(err)
			for i, name := range hostile() {
				bs := e.stored(c, id, store.Source{Name: name}, 0)
				if len(bs) != 1 || bs[0].Source != name {
					e.Errorf("rows of source %.20q: %+v", name, bs)
				}
				e.want("components", files[i].Components, []string{name, "", name})
				e.want("accessor", files[i].Accessor, name)
			}
		})
	},

	"hostile/flows, creators, artifacts and errors are data": func(e *env) {
		c := e.enrol(1)
		for _, name := range hostile() {
			f := goshawk.Flow{ID: goshawk.FlowID("F." + name), Client: c, Creator: name, Artifacts: []string{name, name}, Created: at(3)}
			e.must(e.CreateFlow(e.Context(), f, store.Task{Payload: []byte(name)}))
			e.commit(c, store.Progress{Flow: f.ID, Complete: true, Error: name})
			got := e.flow(c, f.ID)
			e.want("flow", []any{got.ID, got.Creator, got.Artifacts, got.Error}, []any{f.ID, name, []string{name, name}, name})
		}
		list, err := e.ListFlows(e.Context(), c, "", 1000)
		e.must(err)
		e.want("flows", len(list), len(hostile()))
	},

	"hostile/clients, their facts and searches are data": func(e *env) {
		for i, name := range hostile() {
			id := goshawk.ClientID(name + "#")
			_, err := e.Enrol(e.Context(), id, []byte(name), at(i))
			e.must(err)
			facts := goshawk.Client{Hostname: name, FQDN: name, OS: name, Release: name, Architecture: name, AgentName: name,
				AgentVersion: name, Labels: []string{name}, MACs: []string{name}}
			e.commit(id, store.ClientFacts{Client: facts})
			facts.ID, facts.FirstSeen, facts.LastSeen, facts.Address = id, at(i), at(200), "192.0.2.1:1"
			e.twice(func() {
				got, err := e.Client(e.Context(), id)
				e.must(err)
				e.want("client", got, facts)
				found, err := e.ListClients(e.Context(), name, "", 1000)
				e.must(err)
				if len(found) == 0 {
					e.Errorf("search for %.20q finds nothing", name)
				}
			})
		}
		list, err := e.ListClients(e.Context(), "", "", 1000)
		e.must(err)
		e.want("clients", len(list), len(hostile()))
	},
}
