package wiretest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goshawk/wire"
)

// harmless opens a packet that is not as it was sealed. Any answer will do but
// a trusted packet with other content than want.
func harmless(t testing.TB, c wire.Codec, packet []byte, want ...[]wire.Message) {
	t.Helper()
	got, err := c.Open(packet)
	if err != nil {
		if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrForged) && !errors.Is(err, wire.ErrForeign) {
			t.Fatalf("Open = %v, want one of the errors of package wire", err)
		}
		return
	}
	lists, err := collect(got)
	if err != nil && !errors.Is(err, wire.ErrMalformed) {
		t.Fatalf("Lists = %v, want ErrMalformed", err)
	}
	if got.Trusted && (err != nil || !cmp.Equal(messages(lists), want)) {
		t.Fatalf("trusted, and the content is %v (error %v), want %v", messages(lists), err, want)
	}
}

func testTampering(t *testing.T, p *Pair) {
	p.Know(true)
	ms := Messages()[:2]
	packet := p.up(t, ms)
	tamper := func(mask byte, before func()) {
		for i := range packet {
			before()
			packet[i] ^= mask
			harmless(t, p.Server, packet, ms)
			packet[i] ^= mask
		}
	}
	tamper(0x01, func() { p.Server.Forget(p.ClientPeer) })
	for _, mask := range []byte{0x01, 0x08, 0x80, 0xff} {
		tamper(mask, func() { open(t, p.Server, packet) }) // the session is known
	}
	open(t, p.Server, packet)
}

func testTruncation(t *testing.T, p *Pair) {
	p.Know(true)
	ms := Messages()[:2]
	packet := p.up(t, ms)
	for n := range packet {
		p.Server.Forget(p.ClientPeer)
		harmless(t, p.Server, packet[:n], ms)
		open(t, p.Server, packet)
		harmless(t, p.Server, packet[:n], ms)
		harmless(t, p.Server, packet[n:], ms)
	}
}

func testNoise(t *testing.T, p *Pair) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 10_000 {
		b := make([]byte, random.IntN(200))
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		harmless(t, p.Server, b)
	}
}

func testMisdirected(t *testing.T, p *Pair) {
	p.Know(true)
	harmless(t, p.Client, p.up(t, Messages()))
	harmless(t, p.Server, p.down(t, Messages()))
}

func testConcurrency(t *testing.T, p *Pair) {
	p.Know(true)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 20 {
				ms := []wire.Message{{Session: fmt.Sprint(worker, i), Body: Messages()[i%len(Messages())].Body}}
				got, lists := open(t, p.Server, p.up(t, ms))
				wantTrusted(t, got, p.ClientPeer)
				wantMessages(t, lists, ms)
				got, lists = open(t, p.Client, p.down(t, ms))
				wantTrusted(t, got, p.ServerPeer)
				wantMessages(t, lists, ms)
				if worker == 0 {
					p.Server.Forget(p.ClientPeer)
					p.Client.Forget(p.ServerPeer)
				}
			}
		})
	}
	wg.Wait()
}

func testBomb(t *testing.T, p *Pair) {
	if p.Limit == 0 {
		t.Skip("lists are not compressed")
	}
	p.Know(true)
	rows := &wire.Rows{Name: "A", Data: bytes.Repeat([]byte("\n"), 64*p.Limit)}
	small := []wire.Message{{Body: &wire.Checkin{EventTable: 1}}}
	packet := p.up(t, small, []wire.Message{{Body: rows}}, small)
	if len(packet) > 4*p.Limit {
		t.Skipf("the packet of a bomb takes %d bytes: not compressed", len(packet))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := p.Server.Open(packet)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := collect(got)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("Lists = %v, want ErrMalformed", err)
	}
	wantMessages(t, lists, small)
	if used := after.TotalAlloc - before.TotalAlloc; used > uint64(16*p.Limit) {
		t.Errorf("%d bytes were allocated for a list of at most %d", used, p.Limit)
	}
}
