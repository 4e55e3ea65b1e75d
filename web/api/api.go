// Package api is the API of the server for people's tools and programs: one
// protobuf definition, served by Connect, which speaks gRPC, gRPC-Web and JSON.
//
// Who calls is told by the client certificate alone; what a call needs is told
// by the table of permissions, and a call that is not in the table is refused.
package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"connectrpc.com/connect"

	"goshawk"
	"goshawk/server"
	"goshawk/web/api/v1/apiv1connect"
)

// Options of the API.
type Options struct {
	Server *server.Server
	Log    *slog.Logger
	// Superuser is the name of the server's own certificate, whose holder may
	// do everything.
	Superuser string
}

// permissions says what each call needs.
var permissions = map[string]goshawk.Permission{
	apiv1connect.ClientServiceListProcedure:   goshawk.MayReadClients,
	apiv1connect.ClientServiceGetProcedure:    goshawk.MayReadClients,
	apiv1connect.FlowServiceStartProcedure:    goshawk.MayCollect,
	apiv1connect.FlowServiceCancelProcedure:   goshawk.MayCollect,
	apiv1connect.FlowServiceGetProcedure:      goshawk.MayReadResults,
	apiv1connect.FlowServiceListProcedure:     goshawk.MayReadResults,
	apiv1connect.FlowServiceWatchProcedure:    goshawk.MayReadResults,
	apiv1connect.FlowServiceResultsProcedure:  goshawk.MayReadResults,
	apiv1connect.FlowServiceLogsProcedure:     goshawk.MayReadResults,
	apiv1connect.FlowServiceUploadsProcedure:  goshawk.MayReadResults,
	apiv1connect.FlowServiceDownloadProcedure: goshawk.MayReadResults,
	apiv1connect.QueryServiceRunProcedure:     goshawk.MayQueryServer,
}

// maxRequest bounds the size of a request.
const maxRequest = 16 << 20

// New returns the handler of the API. It must be served with TLS that demands
// a client certificate, see TLS.
func New(o Options) http.Handler {
	mux := http.NewServeMux()
	opts := []connect.HandlerOption{connect.WithInterceptors(&gate{o}), connect.WithReadMaxBytes(maxRequest)}
	mux.Handle(apiv1connect.NewClientServiceHandler(&clients{o.Server}, opts...))
	mux.Handle(apiv1connect.NewFlowServiceHandler(&flows{o.Server}, opts...))
	mux.Handle(apiv1connect.NewQueryServiceHandler(&queries{o.Server}, opts...))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, callerName(r))))
	})
}

// TLS returns how the API is served: by version 1.3, to holders of a
// certificate of the deployment's own CAs.
func TLS(cert tls.Certificate, cas []*x509.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	for _, ca := range cas {
		pool.AddCert(ca)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13, NextProtos: []string{"h2", "http/1.1"},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}
}

type (
	callerKey struct{} // name of the certificate by which a request came
	userKey   struct{} // goshawk.User who was let in
)

// callerName is the name of the verified client certificate, or empty.
func callerName(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return ""
	}
	return r.TLS.VerifiedChains[0][0].Subject.CommonName
}

// gate lets a call in, or refuses it: the only place where that is decided.
type gate struct{ o Options }

// WrapUnary checks calls with one answer.
func (g *gate) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		ctx, err := g.admit(ctx, req.Spec().Procedure)
		if err != nil {
			return nil, err
		}
		resp, err := next(ctx, req)
		return resp, g.answer(req.Spec().Procedure, err)
	}
}

// WrapStreamingHandler checks calls with a stream of answers.
func (g *gate) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		ctx, err := g.admit(ctx, conn.Spec().Procedure)
		if err != nil {
			return err
		}
		return g.answer(conn.Spec().Procedure, next(ctx, conn))
	}
}

// WrapStreamingClient is of no use on a server.
func (g *gate) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (g *gate) admit(ctx context.Context, procedure string) (context.Context, error) {
	need, ok := permissions[procedure]
	if !ok {
		return nil, connect.NewError(connect.CodePermissionDenied, fmt.Errorf("%s has no permission declared", procedure))
	}
	u, err := g.caller(ctx)
	if err != nil {
		return nil, err
	}
	if !u.May(need) {
		return nil, connect.NewError(connect.CodePermissionDenied, fmt.Errorf("%s (%s) lacks the permission %s", u.Name, u.Role, need))
	}
	return context.WithValue(ctx, userKey{}, u), nil
}

// caller is the user behind the certificate.
func (g *gate) caller(ctx context.Context) (goshawk.User, error) {
	name, _ := ctx.Value(callerKey{}).(string)
	if name == "" {
		return goshawk.User{}, connect.NewError(connect.CodeUnauthenticated, errors.New("a client certificate of this deployment is required"))
	}
	if name == g.o.Superuser {
		return goshawk.User{Name: name, Role: goshawk.Administrator}, nil
	}
	u, err := g.o.Server.User(ctx, name)
	if errors.Is(err, goshawk.ErrNotFound) {
		return u, connect.NewError(connect.CodePermissionDenied, fmt.Errorf("no user is called %q: an administrator adds one with goshawk config api_client", name))
	}
	return u, g.answer("", err)
}

// userOf returns who was let in.
func userOf(ctx context.Context) goshawk.User {
	u, _ := ctx.Value(userKey{}).(goshawk.User)
	return u
}

// answer turns the house's errors into the API's. What is our own failure is logged.
func (g *gate) answer(procedure string, err error) error {
	if err == nil {
		return nil
	}
	var already *connect.Error
	if errors.As(err, &already) {
		return err
	}
	code := codeOf(err)
	if code == connect.CodeInternal || code == connect.CodeDataLoss {
		g.o.Log.Error("call failed", "call", procedure, "error", err)
	}
	return connect.NewError(code, err)
}

func codeOf(err error) connect.Code {
	for _, c := range []struct {
		kind error
		code connect.Code
	}{
		{goshawk.ErrNotFound, connect.CodeNotFound},
		{goshawk.ErrExists, connect.CodeAlreadyExists},
		{goshawk.ErrInvalid, connect.CodeInvalidArgument},
		{goshawk.ErrDenied, connect.CodePermissionDenied},
		{goshawk.ErrUnavailable, connect.CodeUnavailable},
		{goshawk.ErrFull, connect.CodeResourceExhausted},
		{goshawk.ErrLimit, connect.CodeResourceExhausted},
		{goshawk.ErrCorrupt, connect.CodeDataLoss},
		{context.Canceled, connect.CodeCanceled},
		{context.DeadlineExceeded, connect.CodeDeadlineExceeded},
	} {
		if errors.Is(err, c.kind) {
			return c.code
		}
	}
	return connect.CodeInternal
}
