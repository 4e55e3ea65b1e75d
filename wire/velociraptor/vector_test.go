package velociraptor

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"goshawk"
	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

// vectors is where the packets and messages of stock programs lie, beside the
// repository. They are not part of it.
const vectors = "../../../shared/reference/velociraptor-vectors"

// readVector decodes a file of vectors, or skips the test.
func readVector(t testing.TB, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectors, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no vectors of stock programs at %s", vectors)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// hexBytes are written in hex.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// vectorKeys is keys.json.
type vectorKeys struct {
	ClientID  string `json:"client_id"`
	ClientKey string `json:"client_private_key_pem"`
	ServerKey string `json:"frontend_private_key_pem"`
	Nonce     string `json:"client_nonce"`
	OrgNonce  struct {
		Org   goshawk.OrgID `json:"org"`
		Nonce string        `json:"nonce"`
	} `json:"org_nonce"`
}

// vectorEnds are the two ends whose keys the vectors use. The client is known
// in both tenants.
func vectorEnds(t *testing.T) *ends {
	var k vectorKeys
	readVector(t, "keys.json", &k)
	return k.ends(t)
}

func (k *vectorKeys) ends(t *testing.T) *ends {
	clientKey, serverKey := parseKey(t, k.ClientKey), parseKey(t, k.ServerKey)
	nonces := NonceMap{k.OrgNonce.Org: k.OrgNonce.Nonce}
	nonces[""] = k.Nonce // the captured session has no other tenant
	e := newEnds(t, func(client, server *Options) {
		client.Key, server.Key = clientKey, serverKey
		client.Name = k.ClientID
		client.Nonces = NonceMap{"": k.Nonce}
		server.Nonces = nonces
		client.Keys.(*keyring).set(wire.Peer{Name: serverName}, &serverKey.PublicKey)
	})
	e.clientPeer.Name = k.ClientID
	e.knowVectorClient(k, &clientKey.PublicKey)
	return e
}

func (e *ends) knowVectorClient(k *vectorKeys, key *rsa.PublicKey) {
	e.keys.set(wire.Peer{Name: k.ClientID}, key)
	e.keys.set(wire.Peer{Org: k.OrgNonce.Org, Name: k.ClientID}, key)
}

// verdict is what the stock decoder made of a packet.
type verdict struct {
	Error         bool          `json:"error"`
	Authenticated bool          `json:"authenticated"`
	Jobs          int           `json:"jobs"`
	Org           goshawk.OrgID `json:"org_id"`
	Source        string        `json:"source"` // with "-" and the org, unless it is root
}

// of returns our verdict, and the messages of the packet.
func verdictOf(c *Codec, packet []byte) (verdict, []wire.Message) {
	p, err := c.Open(packet)
	if err != nil {
		return verdict{Error: true}, nil
	}
	v := verdict{Authenticated: p.Trusted, Org: p.Org, Source: p.Source}
	if p.Org != goshawk.RootOrg {
		v.Source += "-" + string(p.Org)
	}
	var ms []wire.Message
	for l, err := range p.Lists {
		if err != nil {
			return verdict{Error: true}, nil
		}
		ms = append(ms, l.Messages...)
	}
	v.Jobs = len(ms)
	return v, ms
}

// receiver is the end that a packet of this direction is for.
func (e *ends) receiver(t testing.TB, direction string) *Codec {
	switch direction {
	case "client_to_server":
		return e.server
	case "server_to_client":
		return e.client
	}
	t.Fatalf("unknown direction %q", direction)
	return nil
}

func TestVectorEnvelopes(t *testing.T) {
	for _, name := range []string{
		"empty_message_list", "enrolment", "flow_request", "flow_results_and_upload",
		"flow_results_uncompressed_outer", "foreman_checkin", "update_event_table",
	} {
		t.Run(name, func(t *testing.T) {
			var v struct {
				Direction string  `json:"direction"`
				Steps     steps   `json:"steps"`
				Known     verdict `json:"stock_decoder_says"`
				Unknown   verdict `json:"stock_server_decoder_says_when_the_client_key_is_unknown"`
			}
			e := vectorEnds(t)
			readVector(t, "envelope_"+name+".json", &v)
			got, ms := verdictOf(e.receiver(t, v.Direction), v.Steps.Wire)
			if got != v.Known {
				t.Errorf("our verdict is %+v, the stock decoder's %+v", got, v.Known)
			}
			wantJSON(t, ms, v.Steps.Messages.Job)
			v.Steps.check(t, e, v.Direction)
			if v.Direction == "client_to_server" {
				e = vectorEnds(t)
				e.keys.keys = nil
				if got, _ := verdictOf(e.server, v.Steps.Wire); got != v.Unknown {
					t.Errorf("client unknown: our verdict is %+v, the stock decoder's %+v", got, v.Unknown)
				}
			}
		})
	}
}

// steps are the stages of making a packet, in this order.
type steps struct {
	Properties hexBytes `json:"2_cipher_properties_pb_hex"`
	Hash       hexBytes `json:"3_sha256_of_2_hex"`
	Signature  hexBytes `json:"4_signature_pkcs1v15_sha256_hex"`
	Cipher     hexBytes `json:"5_encrypted_cipher_oaep_sha1_hex"`
	Metadata   hexBytes `json:"7_encrypted_cipher_metadata_hex"`
	List       hexBytes `json:"8_message_list_pb_hex"`
	AsPacked   hexBytes `json:"9_message_list_as_packed_hex"`
	Packed     hexBytes `json:"10_packed_message_list_pb_hex"`
	IV         hexBytes `json:"11_packet_iv_hex"`
	Encrypted  hexBytes `json:"12_encrypted_hex"`
	HMAC       hexBytes `json:"14_full_hmac_hex"`
	Wire       hexBytes `json:"15_wire_client_communication_hex"`
	Messages   struct {
		Job []map[string]any `json:"job"`
	} `json:"messages_json"`
}

// check makes the packet again from the random values of the vector. RSA-OAEP
// has some that are not in it, so its result is taken over.
func (s *steps) check(t *testing.T, e *ends, direction string) {
	from, key := e.client, e.server.o.Key
	if direction == "server_to_client" {
		from, key = e.server, e.client.o.Key
	}
	o, err := openOffer(key, s.Cipher)
	if err != nil {
		t.Fatal(err)
	}
	var props pb.CipherProperties
	if err := proto.Unmarshal(s.Properties, &props); err != nil {
		t.Fatal(err)
	}
	metadata, err := sealMetadata(&from.o, o.secrets.key, o.iv, s.Properties)
	if err != nil {
		t.Fatal(err)
	}
	var list pb.PackedMessageList
	if err := proto.Unmarshal(s.Packed, &list); err != nil {
		t.Fatal(err)
	}
	session := &outbound{secrets: o.secrets, cipher: s.Cipher, metadata: metadata}
	p := packed{nonce: list.Nonce, deflated: list.Compression != 0, timestamp: atMicros(list.Timestamp)}
	for _, l := range list.MessageList {
		p.lists = append(p.lists, l)
	}
	packet, err := session.seal(bytes.NewReader(s.IV), &p)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(s.Properties)
	for what, pair := range map[string][2][]byte{
		"hash":     {o.hash[:], s.Hash},
		"sum":      {sum[:], s.Hash},
		"key":      {o.secrets.key[:], props.Key},
		"HMAC key": {o.secrets.hmacKey[:], props.HmacKey},
		"IV":       {o.iv, props.MetadataIv},
		"metadata": {metadata, s.Metadata},
		"packed":   {p.append(nil), s.Packed},
		"packet":   {packet, s.Wire},
	} {
		if !bytes.Equal(pair[0], pair[1]) {
			t.Errorf("%s is %x, want %x", what, pair[0], pair[1])
		}
	}
}

func TestVectorEdgeCases(t *testing.T) {
	kinds := map[string]error{ // what the vectors call only an error
		"hmac_bit_flipped":    wire.ErrForged,
		"api_version_changed": wire.ErrForged,
		"wrong_nonce":         wire.ErrForeign,
	}
	var v struct {
		Cases []struct {
			Name      string   `json:"name"`
			Direction string   `json:"direction"`
			Wire      hexBytes `json:"wire_hex"`
			Stock     verdict  `json:"stock_decoder_says"`
		} `json:"cases"`
	}
	readVector(t, "envelope_edge_cases.json", &v)
	for _, c := range v.Cases {
		t.Run(c.Name, func(t *testing.T) {
			e := vectorEnds(t)
			for _, session := range []string{"new", "known"} {
				end := e.receiver(t, c.Direction)
				if got, _ := verdictOf(end, c.Wire); got != c.Stock {
					t.Errorf("%s session: our verdict is %+v, the stock decoder's %+v", session, got, c.Stock)
				}
				if _, err := end.Open(c.Wire); !errors.Is(err, kinds[c.Name]) {
					t.Errorf("%s session: Open = %v, want %v", session, err, kinds[c.Name])
				}
			}
		})
	}
}

func TestVectorStockEncoder(t *testing.T) {
	var v struct {
		Two     hexBytes `json:"client_to_server_two_message_lists_hex"`
		Next    hexBytes `json:"client_to_server_next_packet_same_session_hex"`
		Server  hexBytes `json:"server_to_client_flow_request_hex"`
		Padded  hexBytes `json:"two_pads_then_server_packet_hex"`
		Pad     hexBytes `json:"pad_hex"`
		TwoPads struct {
			Hex hexBytes `json:"hex"`
		} `json:"two_pads_only"`
	}
	readVector(t, "stock_encoder.json", &v)
	e := vectorEnds(t)
	p, err := e.server.Open(v.Two)
	if err != nil {
		t.Fatal(err)
	}
	lists := 0
	for l, err := range p.Lists {
		if err != nil || len(l.Messages) == 0 {
			t.Errorf("a list with %d messages, %v", len(l.Messages), err)
		}
		lists++
	}
	if !p.Trusted || lists != 2 {
		t.Errorf("trusted %v and %d lists, want trusted and 2", p.Trusted, lists)
	}
	if !bytes.Equal(e.server.Pad(), v.Pad) {
		t.Errorf("our pad is %x, the stock one %x", e.server.Pad(), v.Pad)
	}
	if got, ms := verdictOf(e.server, v.Next); !got.Authenticated || len(ms) != 1 {
		t.Errorf("next packet of the session: %+v", got)
	}
	got, plain := verdictOf(e.client, v.Server)
	gotPadded, padded := verdictOf(e.client, v.Padded)
	if got != gotPadded || !got.Authenticated || !cmp.Equal(plain, padded) {
		t.Errorf("server's packet: %+v, padded: %+v", got, gotPadded)
	}
	if got, _ := verdictOf(e.client, v.TwoPads.Hex); got != (verdict{}) {
		t.Errorf("two pads: %+v", got)
	}
}

func TestVectorClientID(t *testing.T) {
	var v struct {
		Cases []struct {
			ID  goshawk.ClientID `json:"client_id"`
			PEM string           `json:"public_key_pem"`
		} `json:"cases"`
	}
	readVector(t, "client_id.json", &v)
	for _, c := range v.Cases {
		if got := goshawk.ClientIDOf(parsePublicKey(t, c.PEM)); got != c.ID {
			t.Errorf("client id %s, want %s", got, c.ID)
		}
	}
}

func TestVectorObfuscation(t *testing.T) {
	var v struct {
		Nonce string `json:"obfuscation_nonce"`
		Cases []struct{ Plain, Obfuscated string }
	}
	readVector(t, "obfuscation.json", &v)
	n := NewNames(v.Nonce)
	for _, c := range v.Cases {
		if got := n.Obfuscate(c.Plain); got != c.Obfuscated {
			t.Errorf("Obfuscate(%q) = %q, want %q", c.Plain, got, c.Obfuscated)
		}
		if got, err := n.Reveal(c.Obfuscated); got != c.Plain || err != nil {
			t.Errorf("Reveal(%q) = %q, %v, want %q", c.Obfuscated, got, err, c.Plain)
		}
	}
}
