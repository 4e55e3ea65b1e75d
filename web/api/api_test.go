package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"connectrpc.com/connect"

	"goshawk"
	"goshawk/blob/dir"
	"goshawk/bus/local"
	"goshawk/server"
	"goshawk/store/sqlite"
	apiv1 "goshawk/web/api/v1"
	"goshawk/web/api/v1/apiv1connect"
)

// procedures lists all calls that the API's definition has.
func procedures() (out []string) {
	services := apiv1.File_web_api_v1_goshawk_proto.Services()
	for i := range services.Len() {
		s := services.Get(i)
		for j := range s.Methods().Len() {
			out = append(out, "/"+string(s.FullName())+"/"+string(s.Methods().Get(j).Name()))
		}
	}
	return out
}

// TestEveryCallDeclaresItsPermission, and the table has no call that there is not.
func TestEveryCallDeclaresItsPermission(t *testing.T) {
	known := map[string]bool{}
	for _, p := range procedures() {
		known[p] = true
		if _, ok := permissions[p]; !ok {
			t.Errorf("%s declares no permission", p)
		}
	}
	for p := range permissions {
		if !known[p] {
			t.Errorf("permission of %s, which is no call", p)
		}
	}
}

// newAPI serves an API over a real, empty store with a user of each role.
func newAPI(t *testing.T) http.Handler {
	t.Helper()
	st, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "db")})
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := dir.Open(dir.Options{Path: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close(); blobs.Close() })
	for _, r := range goshawk.Roles() {
		if err := st.PutUser(t.Context(), goshawk.User{Name: string(r), Role: r, Created: time.Unix(1, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	s, err := server.New(t.Context(), server.Options{Store: st, Blobs: blobs, Bus: local.New(), Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Server: s, Log: log, Superuser: "TheServer"})
}

// as serves requests as if they came with a verified certificate of that name.
func as(h http.Handler, name string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name != "" {
			cert := &x509.Certificate{Subject: pkix.Name{CommonName: name}}
			r.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{cert}}}
		}
		for _, header := range []string{"User", "Grpc-Metadata-User", "X-Forwarded-User", "Authorization"} {
			r.Header.Set(header, "administrator") // no header says who calls
		}
		h.ServeHTTP(w, r)
	}))
}

// calls makes each call of the API once.
func calls(url string) map[string]func(context.Context) error {
	clients := apiv1connect.NewClientServiceClient(http.DefaultClient, url)
	flows := apiv1connect.NewFlowServiceClient(http.DefaultClient, url)
	queries := apiv1connect.NewQueryServiceClient(http.DefaultClient, url)
	ref := func() *connect.Request[apiv1.FlowRequest] {
		return connect.NewRequest(&apiv1.FlowRequest{ClientId: "C.0123456789abcdef", FlowId: "F.0000000000001"})
	}
	return map[string]func(context.Context) error{
		apiv1connect.ClientServiceListProcedure: func(ctx context.Context) error {
			_, err := clients.List(ctx, connect.NewRequest(&apiv1.ListClientsRequest{}))
			return err
		},
		apiv1connect.ClientServiceGetProcedure: func(ctx context.Context) error {
			_, err := clients.Get(ctx, connect.NewRequest(&apiv1.GetClientRequest{ClientId: "C.0123456789abcdef"}))
			return err
		},
		apiv1connect.FlowServiceStartProcedure: func(ctx context.Context) error {
			_, err := flows.Start(ctx, connect.NewRequest(&apiv1.StartFlowRequest{ClientId: "C.0123456789abcdef", Vql: []string{"SELECT 1 FROM scope()"}}))
			return err
		},
		apiv1connect.FlowServiceGetProcedure: func(ctx context.Context) error { _, err := flows.Get(ctx, ref()); return err },
		apiv1connect.FlowServiceListProcedure: func(ctx context.Context) error {
			_, err := flows.List(ctx, connect.NewRequest(&apiv1.ListFlowsRequest{ClientId: "C.0123456789abcdef"}))
			return err
		},
		apiv1connect.FlowServiceCancelProcedure:  func(ctx context.Context) error { _, err := flows.Cancel(ctx, ref()); return err },
		apiv1connect.FlowServiceUploadsProcedure: func(ctx context.Context) error { _, err := flows.Uploads(ctx, ref()); return err },
		apiv1connect.FlowServiceWatchProcedure: func(ctx context.Context) error {
			s, err := flows.Watch(ctx, ref())
			return ended(s, err)
		},
		apiv1connect.FlowServiceResultsProcedure: func(ctx context.Context) error {
			s, err := flows.Results(ctx, connect.NewRequest(&apiv1.ResultsRequest{ClientId: "C.0123456789abcdef", FlowId: "F.0000000000001"}))
			return ended(s, err)
		},
		apiv1connect.FlowServiceLogsProcedure: func(ctx context.Context) error {
			s, err := flows.Logs(ctx, connect.NewRequest(&apiv1.LogsRequest{ClientId: "C.0123456789abcdef", FlowId: "F.0000000000001"}))
			return ended(s, err)
		},
		apiv1connect.FlowServiceDownloadProcedure: func(ctx context.Context) error {
			s, err := flows.Download(ctx, connect.NewRequest(&apiv1.DownloadRequest{ClientId: "C.0123456789abcdef", FlowId: "F.0000000000001"}))
			return ended(s, err)
		},
		apiv1connect.QueryServiceRunProcedure: func(ctx context.Context) error {
			s, err := queries.Run(ctx, connect.NewRequest(&apiv1.RunRequest{Vql: []string{"SELECT"}}))
			return ended(s, err)
		},
	}
}

// ended reads a stream to its end.
func ended[T any](s *connect.ServerStreamForClient[T], err error) error {
	if err != nil {
		return err
	}
	defer s.Close()
	for s.Receive() {
	}
	return s.Err()
}

// TestWhoMayCallWhat makes every call as everybody: it is let in exactly if the
// role has the permission. (Let in, it fails for another reason here.)
func TestWhoMayCallWhat(t *testing.T) {
	h := newAPI(t)
	type caller struct {
		name string
		role goshawk.Role // empty: nobody
	}
	callers := []caller{{"", ""}, {"stranger", ""}, {"GRPC_GW", ""}, {"TheServer", goshawk.Administrator}}
	for _, r := range goshawk.Roles() {
		callers = append(callers, caller{string(r), r})
	}
	for _, who := range callers {
		web := as(h, who.name)
		made := calls(web.URL)
		for _, p := range procedures() {
			call, ok := made[p]
			if !ok {
				t.Errorf("%s is not tested", p)
				continue
			}
			err := call(t.Context())
			code := connect.CodeOf(err)
			refused := err != nil && (code == connect.CodePermissionDenied || code == connect.CodeUnauthenticated)
			may := goshawk.User{Role: who.role}.May(permissions[p])
			if refused == may {
				t.Errorf("%q calls %s: %v, want refused = %v", who.name, p, err, !may)
			}
		}
		web.Close()
	}
}

func TestErrorsKeepTheirKind(t *testing.T) {
	cases := map[error]connect.Code{
		goshawk.ErrNotFound: connect.CodeNotFound, goshawk.ErrInvalid: connect.CodeInvalidArgument,
		goshawk.ErrFull: connect.CodeResourceExhausted, goshawk.ErrCorrupt: connect.CodeDataLoss,
		goshawk.ErrUnavailable: connect.CodeUnavailable, errors.New("other"): connect.CodeInternal,
	}
	for err, want := range cases {
		if got := codeOf(err); got != want {
			t.Errorf("%v becomes %v, want %v", err, got, want)
		}
	}
}
