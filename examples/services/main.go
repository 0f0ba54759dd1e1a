// SPDX-License-Identifier: Apache-2.0

// Command services is two services that make one trace: a gateway that takes
// questions over HTTP, and a RAG service that it asks. In this folder:
//
//	go run . rag     -listen localhost:8081
//	go run . gateway -listen localhost:8080 -rag http://localhost:8081
//	curl -H "X-Session: s1" "localhost:8080/ask?q=What+is+recorded+by+default?"
//
// OpenTelemetry's otelhttp carries the trace from one to the other; the session
// goes along in baggage, by name.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/cli"
)

func main() {
	os.Exit(cli.UntilInterrupt(func(ctx context.Context) int {
		return cli.Exit("services", os.Stderr, run(ctx, os.Args[1:], os.Stderr))
	}))
}

func run(ctx context.Context, args []string, stderr io.Writer) error {
	if len(args) == 0 || args[0] != "rag" && args[0] != "gateway" {
		return cli.Usage(errors.New("say which service: services rag, or services gateway"))
	}
	role := args[0]
	flags := flag.NewFlagSet("services "+role, flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", map[string]string{"rag": "localhost:8081", "gateway": "localhost:8080"}[role], "address to listen at")
	rag := flags.String("rag", "http://localhost:8081", "URL of the RAG service, for the gateway")
	if err := flags.Parse(args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return cli.Usage(err)
	}

	shutdown, err := spanloom.Init(ctx, spanloom.WithServiceName(role))
	if err != nil {
		log.Print(err) // names what is wrong; all else works
	}
	// The context of the program is over by then.
	defer func() { _ = shutdown(context.WithoutCancel(ctx)) }()
	handler, err := callbacks.NewHandler(callbacks.WithPrices(nil)) // the offline model costs nothing
	if err != nil {
		log.Print(err)
	}

	service := newGateway(handler, *rag)
	if role == "rag" {
		if service, err = newRAG(ctx, handler); err != nil {
			return err
		}
	}
	return serve(ctx, *listen, service, stderr)
}

func serve(ctx context.Context, address string, h http.Handler, stderr io.Writer) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return cli.Usage(fmt.Errorf("-listen: %w", err))
	}
	fmt.Fprintf(stderr, "listening at http://%s\n", l.Addr())
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(last)
	})
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
