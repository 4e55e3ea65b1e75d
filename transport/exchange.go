package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"goshawk/wire"
)

// maxAnswer bounds the body of an answer, pads included.
const maxAnswer = 100 << 20

// checkIn posts to /reader and acts on what comes back, however long it takes.
func (l *Link) checkIn(ctx context.Context, s server) error {
	if !s.ours {
		if err := l.tokens.take(ctx); err != nil {
			return err
		}
	}
	said := l.o.Greet()
	list, err := l.o.Codec.Pack(said)
	if err != nil {
		return err
	}
	status, err := l.post(ctx, s, "reader", []wire.Packed{list}, false)
	if status == http.StatusNotAcceptable {
		if err := l.enrol(ctx, s); err != nil {
			return err
		}
		if s.ours {
			return nil
		}
		return sleep(ctx, l.o.MinPoll)
	}
	if err != nil {
		return err
	}
	l.o.Greeted(said)
	if !s.ours {
		return sleep(ctx, l.o.MinPoll)
	}
	return nil
}

// deliver posts what the outbox has, on one lane.
func (l *Link) deliver(ctx context.Context, s server, ahead bool) error {
	lease, err := l.o.Outbox.Lease(ctx, ahead, l.o.MaxPost)
	if err != nil {
		return err
	}
	status, err := l.post(ctx, s, "control", lease.Lists(), ahead)
	if err != nil {
		lease.Back()
		if status == http.StatusNotAcceptable {
			return errEnrol // the reader asks for it
		}
		return err
	}
	lease.Done()
	return nil
}

// post sends lists and handles the answer. Only a nil error means that the
// server has them: the answer was 200 and its body ended cleanly.
func (l *Link) post(ctx context.Context, s server, path string, lists []wire.Packed, ahead bool) (status int, err error) {
	packet, err := l.o.Codec.Seal(s.peer, lists)
	if err != nil {
		return 0, err
	}
	resp, err := l.send(ctx, http.MethodPost, s.url+path, bytes.NewReader(packet), ahead)
	if err != nil {
		l.lost(s)
		return 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case resp.StatusCode == http.StatusNotAcceptable:
		return resp.StatusCode, errEnrol
	case resp.StatusCode != http.StatusOK:
		l.lost(s)
		return resp.StatusCode, fmt.Errorf("%s: status %s", path, resp.Status)
	case err != nil:
		return resp.StatusCode, fmt.Errorf("%s: answer was cut: %w", path, err)
	case len(body) > maxAnswer:
		return resp.StatusCode, fmt.Errorf("%s: answer of more than %d bytes", path, maxAnswer)
	}
	return resp.StatusCode, l.handle(body, s)
}

// handle opens an answer's packet, if it has one, and passes on what it says.
func (l *Link) handle(body []byte, s server) error {
	p, err := l.o.Codec.Open(body)
	if err != nil {
		return err
	}
	for list, err := range p.Lists {
		if err != nil {
			return err
		}
		if !p.Trusted || p.Source != s.peer.Name {
			return fmt.Errorf("%w: an answer signed by %q", wire.ErrForged, p.Source)
		}
		for _, m := range list.Messages {
			l.o.Handle(m, s.ours)
		}
	}
	return nil
}
