// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/semconv"
)

// Destination is a backend that reads keys which others must not see. docs/backends.md
// lists the keys of each.
type Destination string

// The destinations that [WithDestination] knows.
const (
	// Laminar gets sessions, users and the provider under its own keys.
	Laminar Destination = "laminar"
	// Langfuse gets the time of a stream's first chunk.
	Langfuse Destination = "langfuse"
	// LangWatch gets retrievals as spans of its type rag.
	LangWatch Destination = "langwatch"
	// MLflow gets what a model call cost.
	MLflow Destination = "mlflow"
	// OpenLIT gets total tokens, the time to the first chunk and the environment.
	OpenLIT Destination = "openlit"
	// OpenLLMetry gets messages and usage under the names that OpenLLMetry had before
	// gen_ai.input.messages, for dashboards that still read them.
	OpenLLMetry Destination = "openllmetry"
	// Phoenix gets input and output of workflows, tasks, agents and embeddings.
	Phoenix Destination = "phoenix"
)

// WithDestination adds the keys of backends to the spans that are exported, by OTLP or
// [WithSpanExporter]. They are made of what a span has, so content needs a policy. A key
// that the span has already stays. Default: none.
func WithDestination(destinations ...Destination) Option {
	return forTraces("WithDestination", func(c *config) {
		for _, d := range destinations {
			if _, known := destinationRules[d]; !known {
				c.invalid("WithDestination(%q): use Laminar, Langfuse, LangWatch, MLflow, OpenLIT, OpenLLMetry or Phoenix", d)
			}
		}
		c.destinations = append(c.destinations, destinations...)
	})
}

// destinationRule returns the attributes that a span gets at a destination.
type destinationRule func(destinedSpan) []attribute.KeyValue

// destinationRules are the keys that docs/backends.md lists, which each backend reads.
var destinationRules = map[Destination][]destinationRule{
	Laminar: {
		renamed(semconv.SessionID, "lmnr.association.properties.session_id"),
		renamed(semconv.UserID, "lmnr.association.properties.user_id"),
		renamed(semconv.ProviderName, "gen_ai.system"),
	},
	Langfuse:  {completionStart},
	LangWatch: {byOperation("langwatch.span.type", map[string]string{semconv.OperationRetrieval: "rag"})},
	MLflow:    {totalCost},
	OpenLIT: {
		ofModels(totalTokens("gen_ai.usage.total_tokens")),
		renamed(semconv.TimeToFirstChunk, "gen_ai.server.time_to_first_token"),
	},
	OpenLLMetry: {
		renamed(semconv.ProviderName, "gen_ai.system"),
		ofModels(renamed(semconv.UsageInputTokens, "gen_ai.usage.prompt_tokens")),
		ofModels(renamed(semconv.UsageOutputTokens, "gen_ai.usage.completion_tokens")),
		ofModels(totalTokens("llm.usage.total_tokens")),
		byOperation("llm.request.type", map[string]string{semconv.OperationChat: "chat", semconv.OperationEmbeddings: "embedding"}),
		indexed(semconv.InputMessages, "gen_ai.prompt."),
		indexed(semconv.OutputMessages, "gen_ai.completion."),
	},
	Phoenix: {
		entityText(semconv.TraceloopEntityInput, "input"),
		entityText(semconv.TraceloopEntityOutput, "output"),
	},
}

// resourceKeys are the keys of the resource that a destination reads by another name.
var resourceKeys = map[Destination]map[attribute.Key]attribute.Key{
	OpenLIT: {"deployment.environment.name": "deployment.environment"},
}

// destinedSpans adds the keys of destinations to spans on their way to an exporter.
type destinedSpans struct {
	sdktrace.SpanExporter
	destinations []Destination
	// of and renamed are the last span's resource before and after. The SDK never calls
	// ExportSpans concurrently.
	of, renamed *resource.Resource
}

func (e *destinedSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	destined := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		destined[i] = e.destined(s)
	}
	return e.SpanExporter.ExportSpans(ctx, destined)
}

func (e *destinedSpans) destined(s sdktrace.ReadOnlySpan) sdktrace.ReadOnlySpan {
	to := destinedSpan{s, slices.Clip(s.Attributes()), e.resource(s.Resource())}
	for _, d := range e.destinations {
		for _, rule := range destinationRules[d] {
			for _, kv := range rule(to) {
				if _, has := to.value(kv.Key); !has {
					to.attributes = append(to.attributes, kv)
				}
			}
		}
	}
	return to
}

func (e *destinedSpans) resource(r *resource.Resource) *resource.Resource {
	if e.of != r || e.renamed == nil {
		e.of, e.renamed = r, r
		attrs := r.Attributes() // a copy
		for _, d := range e.destinations {
			for from, to := range resourceKeys[d] {
				if v, ok := r.Set().Value(from); ok && !r.Set().HasValue(to) {
					attrs = append(attrs, attribute.KeyValue{Key: to, Value: v})
					e.renamed = resource.NewWithAttributes(r.SchemaURL(), attrs...)
				}
			}
		}
	}
	return e.renamed
}

// destinedSpan is a span with the keys of destinations.
type destinedSpan struct {
	sdktrace.ReadOnlySpan
	attributes []attribute.KeyValue
	resource   *resource.Resource
}

func (s destinedSpan) Attributes() []attribute.KeyValue { return s.attributes }

func (s destinedSpan) Resource() *resource.Resource { return s.resource }

func (s destinedSpan) value(key attribute.Key) (v attribute.Value, ok bool) {
	for i := range s.attributes {
		if s.attributes[i].Key == key {
			return s.attributes[i].Value, true
		}
	}
	return v, false
}

func (s destinedSpan) text(key attribute.Key) string {
	v, _ := s.value(key)
	return v.AsString()
}

// renamed gives a value under a second name.
func renamed(from, to attribute.Key) destinationRule {
	return func(s destinedSpan) []attribute.KeyValue {
		if v, ok := s.value(from); ok {
			return []attribute.KeyValue{{Key: to, Value: v}}
		}
		return nil
	}
}

// completionStart is a JSON string, quotes included: older versions of Langfuse decode
// JSON, and newer ones take both.
func completionStart(s destinedSpan) []attribute.KeyValue {
	v, ok := s.value(semconv.TimeToFirstChunk)
	if !ok {
		return nil
	}
	at := s.StartTime().Add(time.Duration(v.AsFloat64() * float64(time.Second)))
	return []attribute.KeyValue{attribute.String("langfuse.observation.completion_start_time", at.UTC().Format(`"2006-01-02T15:04:05.000000Z"`))}
}

// byOperation gives the spans of some operations a key.
func byOperation(key attribute.Key, values map[string]string) destinationRule {
	return func(s destinedSpan) []attribute.KeyValue {
		if value := values[s.text(semconv.OperationName)]; value != "" {
			return []attribute.KeyValue{key.String(value)}
		}
		return nil
	}
}

// totalCost is in place of what MLflow reckons with its own prices.
func totalCost(s destinedSpan) []attribute.KeyValue {
	v, ok := s.value(semconv.UsageCost)
	if !ok {
		return nil
	}
	return []attribute.KeyValue{attribute.String("mlflow.llm.cost", `{"total_cost":`+strconv.FormatFloat(v.AsFloat64(), 'g', -1, 64)+"}")}
}

// ofModels leaves agents out: backends add usage up over all spans.
func ofModels(rule destinationRule) destinationRule {
	return func(s destinedSpan) []attribute.KeyValue {
		if _, model := s.value(semconv.RequestModel); !model {
			return nil
		}
		return rule(s)
	}
}

func totalTokens(key attribute.Key) destinationRule {
	return func(s destinedSpan) []attribute.KeyValue {
		input, ok := s.value(semconv.UsageInputTokens)
		output, also := s.value(semconv.UsageOutputTokens)
		if !ok || !also {
			return nil
		}
		return []attribute.KeyValue{key.Int64(input.AsInt64() + output.AsInt64())}
	}
}

// message is one of the convention's JSON schemas for messages.
type message struct {
	Role         string `json:"role"`
	FinishReason string `json:"finish_reason"`
	Parts        []struct {
		Type      string          `json:"type"`
		Content   string          `json:"content"`
		ID        string          `json:"id"`
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
		Response  json.RawMessage `json:"response"`
	} `json:"parts"`
}

// indexed spreads messages over a key for each of their fields.
func indexed(from attribute.Key, prefix string) destinationRule {
	return func(s destinedSpan) (attrs []attribute.KeyValue) {
		var messages []message
		if json.Unmarshal([]byte(s.text(from)), &messages) != nil {
			return nil
		}
		for i, m := range messages {
			attrs = append(attrs, m.indexed(prefix+strconv.Itoa(i)+".")...)
		}
		return attrs
	}
}

func (m message) indexed(prefix string) []attribute.KeyValue {
	attrs := []attribute.KeyValue{attribute.String(prefix+"role", m.Role)}
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, attribute.String(prefix+key, value))
		}
	}
	var content []string
	calls := 0
	for _, p := range m.Parts {
		switch p.Type {
		case "text":
			content = append(content, p.Content)
		case "tool_call":
			call := "tool_calls." + strconv.Itoa(calls) + "."
			add(call+"id", p.ID)
			add(call+"name", p.Name)
			add(call+"arguments", literal(p.Arguments))
			calls++
		case "tool_call_response":
			add("tool_call_id", p.ID)
			content = append(content, literal(p.Response))
		}
	}
	add("content", strings.Join(content, "\n"))
	add("finish_reason", m.FinishReason)
	return attrs
}

// literal is the text of a JSON string, or other JSON as it is.
func literal(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// entityText is not for retrievals, whose query Phoenix reads elsewhere.
func entityText(from attribute.Key, to string) destinationRule {
	return func(s destinedSpan) []attribute.KeyValue {
		text := s.text(from)
		if _, query := s.value(semconv.RetrievalQueryText); query || text == "" {
			return nil
		}
		mime := "text/plain"
		if json.Valid([]byte(text)) {
			mime = "application/json"
		}
		return []attribute.KeyValue{attribute.String(to+".value", text), attribute.String(to+".mime_type", mime)}
	}
}
