// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
)

// printed stands in for the OTLP exporter of Init.
type printed struct{}

func (printed) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, s := range spans {
		for _, kv := range s.Attributes() {
			if strings.HasPrefix(string(kv.Key), "langwatch.") {
				fmt.Println(s.Name(), kv.Key, kv.Value.AsString())
			}
		}
	}
	return nil
}

func (printed) Shutdown(context.Context) error { return nil }

// LangWatch shows documents on spans of its own type.
func ExampleWithDestination() {
	ctx := context.Background()
	shutdown, err := spanloom.Init(ctx, spanloom.WithDestination(spanloom.LangWatch), spanloom.WithSpanExporter(printed{}),
		spanloom.WithOwnMetrics())
	if err != nil {
		log.Print(err)
	}
	handler, err := callbacks.NewHandler()
	if err != nil {
		log.Print(err)
	}
	_, span := handler.Start(ctx, callbacks.KindRetrieval, "handbook")
	span.End(nil)
	if err := shutdown(ctx); err != nil {
		log.Print(err)
	}
	// Output: retrieval handbook langwatch.span.type rag
}
