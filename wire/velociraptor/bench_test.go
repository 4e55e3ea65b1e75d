package velociraptor

import (
	"bytes"
	"fmt"
	"testing"

	"goshawk/wire"
)

// processRows are JSON lines as a process list gives them, from a pid on.
func processRows(pid, rows int) []byte {
	var b bytes.Buffer
	for end := pid + rows; pid < end; pid++ {
		fmt.Fprintf(&b, `{"Pid":%d,"Ppid":%d,"Name":"worker-%d","Exe":"/usr/lib/app/%x/worker","CommandLine":"/usr/lib/app/worker --id=%d --token=%x","CreateTime":"2026-01-01T00:%02d:%02d.%06dZ","Rss":%d}`+"\n",
			pid, pid/7, pid%13, uint64(pid)*2654435761, pid, pid*40503, pid/60%60, pid%60, pid*7919%1000000, pid*4096)
	}
	return b.Bytes()
}

// rowMessages are some 64 batches of 16 KiB, together 1 MiB. Deflated ones are
// as agents send them that were asked to compress.
func rowMessages(tb testing.TB, deflated bool) (ms []wire.Message) {
	e := newEnds(tb)
	const count = 80 // to 16 KiB
	for first, total := 0, 0; total < 1<<20; first += count {
		r := &wire.Rows{
			Name: "Linux.Sys.Pslist", First: int64(first), Part: first / count, Count: count,
			Columns: []string{"Pid", "Ppid", "Name", "Exe", "CommandLine", "CreateTime", "Rss"},
			Data:    processRows(first, count),
		}
		total += len(r.Data)
		if deflated {
			stream, err := e.client.deflate(r.Data)
			if err != nil {
				tb.Fatal(err)
			}
			r.Data, r.Encoding, r.RawSize = stream, wire.Zlib, int64(len(r.Data))
		}
		ms = append(ms, wire.Message{Session: "F.D5BQOS0123456", Body: r})
	}
	return ms
}

// The forms in which a packet of 1 MiB of rows comes.
var forms = []struct {
	name        string
	rows, lists bool // deflated
}{{"plain", false, false}, {"lists deflated", false, true}, {"rows deflated", true, false}, {"both deflated", true, true}}

func BenchmarkOpen(b *testing.B) {
	for _, f := range forms {
		b.Run(f.name, func(b *testing.B) {
			e := newEnds(b, func(client, _ *Options) { client.Compress = f.lists })
			packet := seal(b, e.client, e.serverPeer, rowMessages(b, f.rows))
			open(b, e.server, packet) // the session is known from now on
			b.ReportAllocs()
			b.SetBytes(1 << 20) // of JSON lines, whatever the packet's length
			for b.Loop() {
				open(b, e.server, packet)
			}
			b.ReportMetric(float64(len(packet)), "packet-bytes")
		})
	}
}

func BenchmarkOpenEnvelopeOnly(b *testing.B) {
	e := newEnds(b, func(client, _ *Options) { client.Compress = false })
	packet := seal(b, e.client, e.serverPeer, rowMessages(b, false))
	open(b, e.server, packet)
	b.ReportAllocs()
	b.SetBytes(int64(len(packet)))
	for b.Loop() {
		if _, err := e.server.Open(packet); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenSmall(b *testing.B) {
	e := newEnds(b)
	packet := seal(b, e.client, e.serverPeer, checkin)
	open(b, e.server, packet)
	b.ReportAllocs()
	b.SetBytes(int64(len(packet)))
	for b.Loop() {
		open(b, e.server, packet)
	}
}

func BenchmarkOpenNewSession(b *testing.B) {
	e := newEnds(b)
	packet := seal(b, e.client, e.serverPeer, checkin)
	b.ReportAllocs()
	for b.Loop() {
		e.server.Forget(e.clientPeer)
		open(b, e.server, packet)
	}
}

func BenchmarkPack(b *testing.B) {
	for _, f := range forms {
		b.Run(f.name, func(b *testing.B) {
			e := newEnds(b, func(client, _ *Options) { client.Compress = f.lists })
			ms := rowMessages(b, f.rows)
			b.ReportAllocs()
			b.SetBytes(1 << 20)
			for b.Loop() {
				if _, err := e.client.Pack(ms); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	e := newEnds(b, func(client, _ *Options) { client.Compress = false })
	list, err := e.client.Pack(rowMessages(b, false))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(list)))
	for b.Loop() {
		if _, err := e.client.Seal(e.serverPeer, []wire.Packed{list}); err != nil {
			b.Fatal(err)
		}
	}
}
