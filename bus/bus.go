// Package bus is the contract for announcements between the parts of a server,
// in one process or many: something happened, go and look. An announcement may
// be lost: the store knows the truth, and who waits also looks now and then.
package bus

import "context"

// Bus carries announcements. It is safe for concurrent use.
type Bus interface {
	// Publish tells all present subscribers of topic. It never waits for them.
	Publish(ctx context.Context, topic, text string) error
	// Subscribe begins to listen. Announcements that come while the subscriber
	// is more than buffer behind are lost to it.
	Subscribe(ctx context.Context, topic string, buffer int) (Subscription, error)
}

// Subscription is one listener.
type Subscription interface {
	// C yields the announcements' texts, and is closed by Close.
	C() <-chan string
	Close()
}
