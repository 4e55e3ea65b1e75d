package transport

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestAddressOfClients: a header counts only if a listed proxy sent it.
func TestAddressOfClients(t *testing.T) {
	f := &Frontend{o: FrontendOptions{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, ProxyHeader: "X-Forwarded-For"}}
	cases := []struct{ peer, header, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "203.0.113.9", "192.0.2.1"},
		{"10.1.2.3:5", "203.0.113.9", "203.0.113.9"},
		{"10.1.2.3:5", "6.6.6.6, 203.0.113.9", "203.0.113.9"},
		{"10.1.2.3:5", "<script>", "10.1.2.3"},
		{"10.1.2.3:5", "", "10.1.2.3"},
		{"[::ffff:10.1.2.3]:5", "203.0.113.9", "203.0.113.9"},
		{"[2001:db8::1]:5", "203.0.113.9", "2001:db8::1"},
	}
	for _, c := range cases {
		r := httptest.NewRequest("POST", "/control", nil)
		r.RemoteAddr = c.peer
		if c.header != "" {
			r.Header.Set("X-Forwarded-For", c.header)
		}
		if got := f.address(r); got != c.want {
			t.Errorf("peer %s, header %q: %s, want %s", c.peer, c.header, got, c.want)
		}
	}
}
