// Package transport carries packets between agents and servers over HTTP. A
// Frontend serves agents; a Link is an agent's way to its server. What the
// packets say is package wire's; what happens to them is their owner's.
//
// The paths, statuses and timings are those of Velociraptor's client protocol.
// An agent posts to /control what it has to deliver, one post at a time on
// each lane, and holds a post to /reader open on which the server's answer is
// what the agent is to do. An answer of 200 says nothing yet: the agent's data
// is durable when the answer's body ends cleanly. A server that cannot keep
// its part cuts the connection, and the agent sends the same again.
//
// Goshawk peers recognise one another by the header Peer on /server.pem and on
// posts. Between them no post is rationed, waiting after a failure begins at
// half a second, and a task is handed out until the agent has accepted it.
package transport

import "time"

// Peer is the header by which Goshawk agents and servers recognise one
// another. Its value is the revision of what they add to the protocol.
const (
	Peer         = "Goshawk-Peer"
	PeerRevision = "1"
)

// priority is the header of posts that go ahead of others; urgent is its value.
const (
	priority = "X-Priority"
	urgent   = "urgent"
)

// Timings of the protocol.
const (
	padControl = 3 * time.Second  // between two pads while a post is processed
	padReader  = 10 * time.Second // between two pads while nothing is to be said
	maxJitter  = 30 * time.Second // added to how long a reader is held
)
