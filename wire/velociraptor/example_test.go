package velociraptor_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"

	"goshawk"
	"goshawk/wire"
	"goshawk/wire/velociraptor"
)

// oneKey is wire.Keys for a program that speaks with one peer.
type oneKey struct {
	name string
	key  *rsa.PublicKey
}

func (k oneKey) Key(peer wire.Peer) (*rsa.PublicKey, error) {
	if peer.Name != k.name {
		return nil, goshawk.ErrNotFound
	}
	return k.key, nil
}

// An agent says which event table it runs, and the server reads it.
func Example() {
	agentKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	serverKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	const server = "VelociraptorServer"
	id := string(goshawk.ClientIDOf(&agentKey.PublicKey))
	nonces := velociraptor.NonceMap{goshawk.RootOrg: "AQIDBAUGBwg="}

	agentCodec, err := velociraptor.New(velociraptor.Options{
		Key: agentKey, Name: id, Keys: oneKey{server, &serverKey.PublicKey}, Nonces: nonces, Compress: true,
	})
	if err != nil {
		panic(err)
	}
	serverCodec, err := velociraptor.New(velociraptor.Options{
		Key: serverKey, Name: server, Keys: oneKey{id, &agentKey.PublicKey}, Nonces: nonces,
	})
	if err != nil {
		panic(err)
	}

	list, err := agentCodec.Pack([]wire.Message{{Session: wire.SessionCheck, Body: &wire.Checkin{EventTable: 7}}})
	if err != nil {
		panic(err)
	}
	packet, err := agentCodec.Seal(wire.Peer{Name: server}, []wire.Packed{list})
	if err != nil {
		panic(err)
	}

	p, err := serverCodec.Open(packet)
	if err != nil {
		panic(err)
	}
	fmt.Println("from the agent:", p.Source == id, "trusted:", p.Trusted)
	for l, err := range p.Lists {
		if err != nil {
			panic(err)
		}
		for _, m := range l.Messages {
			fmt.Printf("%s %+v\n", m.Session, m.Body)
		}
	}
	// Output:
	// from the agent: true trusted: true
	// E.Foreman &{EventTable:7}
}
