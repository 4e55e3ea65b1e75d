package transport

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"goshawk/wire"
)

// reader holds an agent's post until there is something to tell it. The agent
// acts when the answer's body ends, so one answer carries one batch of tasks.
func (f *Frontend) reader(w http.ResponseWriter, r *http.Request) {
	body, release, ok := f.body(w, r, maxReaderBody)
	defer release()
	if !ok {
		return
	}
	p, ok := f.open(w, r, body)
	if !ok {
		return
	}
	if !p.Trusted { // enrolment is asked for on /control
		http.Error(w, "Please Enrol", http.StatusNotAcceptable)
		return
	}
	d := Delivery{Client: p.Peer(), Packet: p, Address: f.address(r), Ours: r.Header.Get(Peer) != "", Reader: true}
	f.sessions.heard(d.Client, time.Now(), d.Ours)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	rc := http.NewResponseController(w)
	if rc.Flush() != nil {
		abort()
	}
	if err := f.o.Receiver.Deliver(f.life, d); err != nil {
		f.refused(r, d, err)
		abort()
	}
	s := f.sessions.begin(d.Client)
	defer func() { f.sessions.heard(d.Client, time.Now(), d.Ours); f.sessions.end(s) }()
	if !f.hold(r.Context(), w, rc, d, s) {
		abort()
	}
}

// hold waits for tasks and writes them. It says whether the answer is whole.
func (f *Frontend) hold(ctx context.Context, w http.ResponseWriter, rc *http.ResponseController, d Delivery, s *session) bool {
	pads := time.NewTicker(padReader)
	defer pads.Stop()
	end := time.NewTimer(f.o.MaxPoll + rand.N(maxJitter))
	defer end.Stop()
	pad := func() bool {
		_, err := w.Write(f.o.Codec.Pad())
		return err == nil && rc.Flush() == nil
	}
	for {
		if told, err := f.tell(ctx, w, rc, d); err != nil {
			f.o.Log.Warn("tasks not sent", "client", d.Client.Name, "error", err)
			return false
		} else if told {
			return true
		}
		select {
		case <-s.wake:
		case <-pads.C:
			if !pad() {
				return false
			}
		case <-s.over:
			return pad()
		case <-end.C:
			return pad()
		case <-f.life.Done():
			return pad()
		case <-ctx.Done():
			return false
		}
	}
}

// tell writes what waits for the client, if anything.
func (f *Frontend) tell(ctx context.Context, w http.ResponseWriter, rc *http.ResponseController, d Delivery) (told bool, err error) {
	ms, sent, err := f.o.Receiver.Tasks(ctx, d.Client, d.Ours)
	if err != nil || len(ms) == 0 {
		return false, err
	}
	packet, err := f.seal(d.Client, ms)
	if err != nil {
		return false, err
	}
	// A stock agent runs a task twice if it is told twice, so it is rather
	// told once or never; ours says what it has accepted.
	if !d.Ours {
		if err := sent(f.life); err != nil {
			return false, err
		}
	}
	if _, err := w.Write(packet); err != nil {
		return false, err
	}
	if err := rc.Flush(); err != nil {
		return false, err
	}
	if d.Ours {
		return true, sent(f.life)
	}
	return true, nil
}

func (f *Frontend) seal(to wire.Peer, ms []wire.Message) ([]byte, error) {
	list, err := f.o.Codec.Pack(ms)
	if err != nil {
		return nil, err
	}
	return f.o.Codec.Seal(to, []wire.Packed{list})
}
