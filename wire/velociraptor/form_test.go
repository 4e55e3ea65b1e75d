package velociraptor

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"goshawk"
	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

// envelopeOf makes a packet by hand, rightly signed and sealed but for change.
func envelopeOf(t *testing.T, e *ends, plain []byte, change func(*envelope)) []byte {
	t.Helper()
	s, err := e.client.outboundTo(e.serverPeer)
	if err != nil {
		t.Fatal(err)
	}
	v := &envelope{cipher: s.cipher, metadata: s.metadata, iv: make([]byte, 16), version: apiVersion}
	v.encrypted = pad(bytes.Clone(plain), padding(len(plain)))
	if err := encrypt(s.secrets.key, v.iv, v.encrypted); err != nil {
		t.Fatal(err)
	}
	change(v)
	v.hmac = v.sum(s.secrets.hmacKey)
	b := appendBytes(nil, envEncrypted, v.encrypted)
	b = appendBytes(b, envCipher, v.cipher)
	b = protowire.AppendVarint(protowire.AppendTag(b, envVersion, protowire.VarintType), uint64(v.version))
	b = appendBytes(b, envIV, v.iv)
	b = appendBytes(b, envMetadata, v.metadata)
	return appendBytes(b, envHMAC, v.hmac)
}

func packedBytes(t *testing.T, p *pb.PackedMessageList) []byte {
	t.Helper()
	b, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Each of these has a right HMAC, so that only a holder of keys can make it.
func TestMalformedWithinTheHMAC(t *testing.T) {
	good := &pb.PackedMessageList{Nonce: nonce}
	for name, c := range map[string]struct {
		change func(*envelope)
		want   string // in the error
	}{
		"empty ciphertext":    {func(e *envelope) { e.encrypted = nil }, "ciphertext of 0 bytes"},
		"half a block":        {func(e *envelope) { e.encrypted = e.encrypted[:8] }, "ciphertext of 8 bytes"},
		"short IV":            {func(e *envelope) { e.iv = e.iv[:15] }, "IV of 15 bytes"},
		"no IV":               {func(e *envelope) { e.iv = nil }, "IV of 0 bytes"},
		"long IV":             {func(e *envelope) { e.iv = make([]byte, 17) }, "IV of 17 bytes"},
		"wrong padding":       {func(e *envelope) { e.iv = bytes.Repeat([]byte{1}, 16) }, "padding is not PKCS #7"},
		"an old client":       {func(e *envelope) { e.version = 3 }, "client API version 3, older than 4"},
		"no version":          {func(e *envelope) { e.version = 0 }, "client API version 0, older than 4"},
		"no metadata":         {func(e *envelope) { e.metadata = nil }, "metadata: ciphertext of 0 bytes"},
		"metadata of noise":   {func(e *envelope) { e.metadata = make([]byte, 32) }, "metadata"},
		"odd length metadata": {func(e *envelope) { e.metadata = e.metadata[1:] }, "metadata: ciphertext of 287 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnds(t)
			_, err := e.server.Open(envelopeOf(t, e, packedBytes(t, good), c.change))
			if !errors.Is(err, wire.ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open = %v, want ErrMalformed with %q", err, c.want)
			}
		})
	}
}

func TestSessionKeyOfAnotherForm(t *testing.T) {
	e := newEnds(t)
	for name, cipher := range map[string][]byte{
		"noise": bytes.Repeat([]byte{7}, 256), "short": {1}, "long": bytes.Repeat([]byte{7}, 1000),
	} {
		packet := envelopeOf(t, e, nil, func(e *envelope) { e.cipher = cipher })
		if _, err := e.server.Open(packet); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s: Open = %v, want ErrMalformed", name, err)
		}
	}
}

func TestListsOfAnotherForm(t *testing.T) {
	e := newEnds(t)
	zlib := pb.PackedMessageList_ZCOMPRESSION
	many, err := e.client.deflate(bytes.Repeat([]byte{0x0a, 0x00}, 4<<20)) // would be gigabytes decoded
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*pb.PackedMessageList{
		"a list that is no protobuf":   {MessageList: [][]byte{{0x0a}}},
		"a message that is none":       {MessageList: [][]byte{{0x0a, 1, 0xff}}},
		"a string that is not UTF-8":   {MessageList: [][]byte{{0x0a, 3, 0x0a, 1, 0xff}}},
		"a plain list as deflated":     {MessageList: [][]byte{{0x0a, 0}}, Compression: zlib},
		"an empty deflated list":       {MessageList: [][]byte{{}}, Compression: zlib},
		"half a deflated list":         {MessageList: [][]byte{many[:len(many)/2]}, Compression: zlib},
		"more messages than is usual":  {MessageList: [][]byte{many}, Compression: zlib},
		"a long column of empty names": {MessageList: [][]byte{nested(4<<20, 2, 33, 1)}},
		"a long list of statuses":      {MessageList: [][]byte{nested(4<<20, 7, 41, 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			p.Nonce = nonce
			packet := envelopeOf(t, e, packedBytes(t, p), func(*envelope) {})
			opened, err := e.server.Open(packet)
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for _, err = range opened.Lists {
			}
			runtime.ReadMemStats(&after)
			if !errors.Is(err, wire.ErrMalformed) || !strings.Contains(err.Error(), "list 0: ") {
				t.Errorf("Lists = %v, want ErrMalformed in list 0", err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
				t.Errorf("%d MiB were allocated", n>>20)
			}
		})
	}
}

// nested returns n empty fields of a number, within messages of the others.
func nested(n int, first protowire.Number, around ...protowire.Number) []byte {
	tag := protowire.AppendTag(nil, first, protowire.BytesType)
	b := bytes.Repeat(append(tag, 0), n)
	for _, num := range around {
		b = appendBytes(nil, num, b)
	}
	return b
}

func TestEnvelopeIsTheProtobufMessage(t *testing.T) {
	e := newEnds(t)
	packet := seal(t, e.client, e.serverPeer, checkin)
	var v pb.ClientCommunication
	if err := proto.Unmarshal(append(e.client.Pad(), packet...), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.ProtoReflect().GetUnknown()) > 0 || v.ApiVersion != 4 || len(v.PacketIv) != 16 || len(v.FullHmac) != 20 {
		t.Errorf("unexpected envelope %v", &v)
	}
	v.Padding = nil
	if again, err := proto.Marshal(&v); err != nil || !bytes.Equal(again, packet) {
		t.Errorf("the protobuf library writes %x (%v), we wrote %x", again, err, packet)
	}
	e.server.o.Now = func() time.Time { return time.UnixMicro(1767225600000000) }
	want := &pb.PackedMessageList{MessageList: [][]byte{{0x0a, 0}}, Timestamp: 1767225600000000, Nonce: nonce}
	p := packed{lists: []wire.Packed{{0x0a, 0}}, timestamp: e.server.o.Now(), nonce: nonce}
	if got := p.append(nil); !bytes.Equal(got, packedBytes(t, want)) || len(got) != p.size() {
		t.Errorf("packed to %x of %d bytes, want %x", got, p.size(), packedBytes(t, want))
	}
}

// Lists from a spool may have been packed under another setting.
func TestListsOfBothDressesInOnePacket(t *testing.T) {
	e := newEnds(t)
	deflated, err := e.client.Pack(checkin)
	if err != nil {
		t.Fatal(err)
	}
	e.client.o.Compress = false
	var plain []wire.Packed
	for _, ms := range [][]wire.Message{checkin, nil} {
		l, err := e.client.Pack(ms)
		if err != nil {
			t.Fatal(err)
		}
		plain = append(plain, l)
	}
	for _, lists := range [][]wire.Packed{{deflated, plain[0], plain[1]}, plain, {deflated}} {
		packet, err := e.client.Seal(e.serverPeer, lists)
		if err != nil {
			t.Fatal(err)
		}
		if _, ms := open(t, e.server, packet); len(ms) == 0 || !cmp.Equal(ms[0], checkin[0]) {
			t.Errorf("messages %v, want %v", ms, checkin)
		}
	}
}

func TestPackRefusesWhatNobodyCouldOpen(t *testing.T) {
	e := newEnds(t, func(client, _ *Options) { client.MaxList = 1000 })
	for name, c := range map[string]struct {
		body wire.Body
		want error
	}{
		"a list that is too large":     {&wire.Rows{Data: make([]byte, 1001)}, goshawk.ErrLimit},
		"deflated rows without length": {&wire.Rows{Encoding: wire.Zlib, Data: []byte("x")}, goshawk.ErrInvalid},
		"a deflated chunk without":     {&wire.UploadChunk{Encoding: wire.Zlib, Data: []byte("x")}, goshawk.ErrInvalid},
	} {
		if _, err := e.client.Pack([]wire.Message{{Body: c.body}}); !errors.Is(err, c.want) {
			t.Errorf("%s: Pack = %v, want %v", name, err, c.want)
		}
	}
}

// Names of files need not be UTF-8. Without a replacement the protobuf library
// would not encode them, and the agent would try for ever.
func TestPackReplacesWhatIsNotUTF8(t *testing.T) {
	e := newEnds(t)
	_, ms := open(t, e.server, seal(t, e.client, e.serverPeer, []wire.Message{
		{Session: "F.\xff", Body: &wire.UploadBegin{Path: "/tmp/\xe9", Components: []string{"tmp", "\xe9"}}},
		{Body: &wire.Rows{Data: []byte("{\"A\":\"\xe9\"}\n"), Columns: []string{"\xc3"}}},
		{Body: &wire.Logs{JSONL: []byte("\"\xe9\"\n")}},
		{Body: &wire.UploadChunk{Path: "\xe9", Data: []byte("\xe9")}},
	}))
	got := []string{
		ms[0].Session, ms[0].Body.(*wire.UploadBegin).Path, ms[0].Body.(*wire.UploadBegin).Components[1],
		string(ms[1].Body.(*wire.Rows).Data), ms[1].Body.(*wire.Rows).Columns[0], string(ms[2].Body.(*wire.Logs).JSONL),
		ms[3].Body.(*wire.UploadChunk).Path, string(ms[3].Body.(*wire.UploadChunk).Data),
	}
	want := []string{"F.\ufffd", "/tmp/\ufffd", "\ufffd", "{\"A\":\"\ufffd\"}\n", "\ufffd", "\"\ufffd\"\n", "\ufffd", "\xe9"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(- want, + got)\n%s", diff)
	}
}

func TestHMACCoversTheVersion(t *testing.T) {
	e := newEnds(t)
	packet := seal(t, e.client, e.serverPeer, checkin)
	at := bytes.Index(packet, []byte{envVersion << 3, apiVersion, envIV<<3 | 2, 16})
	if at < 0 {
		t.Fatal("no version in the packet")
	}
	packet[at+1] = 5
	if _, err := e.server.Open(packet); !errors.Is(err, wire.ErrForged) {
		t.Errorf("Open = %v, want ErrForged", err)
	}
}
