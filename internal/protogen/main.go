// Protogen makes Go code of .proto files without protoc: it compiles them in
// process and hands the result to the plugins, which "go run" builds at the
// versions of go.mod.
//
//	go run ./internal/protogen [-connect] DIR FILE.proto…
//
// The files, and what they import, are named relative to DIR, which is the
// root of the module unless there is a reason. Where the code goes follows
// from the go_package option, which must lie in this module. -connect adds the
// services as Connect handlers and clients.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// The plugins, by the import path of their command.
const (
	messagePlugin = "google.golang.org/protobuf/cmd/protoc-gen-go"
	connectPlugin = "connectrpc.com/connect/cmd/protoc-gen-connect-go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "protogen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("protogen", flag.ExitOnError)
	connect := flags.Bool("connect", false, "make Connect services too")
	flags.Parse(args) // exits on error
	if flags.NArg() < 2 {
		return errors.New("usage: protogen [-connect] DIR FILE.proto…")
	}
	plugins := []string{messagePlugin}
	if *connect {
		plugins = append(plugins, connectPlugin)
	}
	m, err := findModule(ctx)
	if err != nil {
		return err
	}
	files, err := generate(ctx, m, plugins, flags.Arg(0), flags.Args()[1:])
	if err != nil {
		return err
	}
	return m.write(files)
}

// generate returns the code for the files in dir, by path in the module.
func generate(ctx context.Context, m module, plugins []string, dir string, names []string) (map[string]string, error) {
	request, err := compile(ctx, dir, names)
	if err != nil {
		return nil, err
	}
	request.Parameter = proto.String("module=" + m.path)
	out := map[string]string{}
	for _, plugin := range plugins {
		response, err := runPlugin(ctx, m, plugin, request)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", plugin, err)
		}
		for _, f := range response.File {
			out[f.GetName()] = f.GetContent()
		}
	}
	return out, nil
}

// compile reads the files and everything they import.
func compile(ctx context.Context, dir string, names []string) (*pluginpb.CodeGeneratorRequest, error) {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{dir}}),
		SourceInfoMode: protocompile.SourceInfoStandard, // comments become Go comments
	}
	files, err := compiler.Compile(ctx, names...)
	if err != nil {
		return nil, err
	}
	request := &pluginpb.CodeGeneratorRequest{FileToGenerate: names}
	seen := map[string]bool{}
	for _, f := range files {
		request.ProtoFile = appendFile(request.ProtoFile, f, seen)
	}
	return request, nil
}

// appendFile adds f behind its imports, which is the order that plugins ask for.
func appendFile(to []*descriptorpb.FileDescriptorProto, f protoreflect.FileDescriptor, seen map[string]bool) []*descriptorpb.FileDescriptorProto {
	if seen[f.Path()] {
		return to
	}
	seen[f.Path()] = true
	for i := range f.Imports().Len() {
		to = appendFile(to, f.Imports().Get(i).FileDescriptor, seen)
	}
	return append(to, protoutil.ProtoFromFileDescriptor(f))
}

func runPlugin(ctx context.Context, m module, plugin string, request *pluginpb.CodeGeneratorRequest) (*pluginpb.CodeGeneratorResponse, error) {
	in, err := proto.Marshal(request)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "go", "run", plugin)
	cmd.Dir = m.dir
	cmd.Stdin = bytes.NewReader(in)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	response := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(out, response); err != nil {
		return nil, err
	}
	if response.Error != nil {
		return nil, errors.New(response.GetError())
	}
	return response, nil
}

// module is the Go module of the working folder.
type module struct{ path, dir string }

func findModule(ctx context.Context) (module, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}}\n{{.Dir}}").Output()
	if err != nil {
		return module{}, fmt.Errorf("go list -m: %w", err)
	}
	path, dir, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return module{path, dir}, nil
}

func (m module) write(files map[string]string) error {
	for name, content := range files {
		path := filepath.Join(m.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
