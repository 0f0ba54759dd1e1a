// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/contentenv"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// Option configures a [Handler]. A nil Option is ignored.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	tracerProvider trace.TracerProvider
	meterProvider  metric.MeterProvider
	recorder       *metrics.Recorder
	// recorderOptions are for the Recorder that the Handler makes if it is given none.
	recorderOptions     []metrics.Option
	recorderOptionNames string // for the error beside WithRecorder
	attributes          []attribute.KeyValue
	content             policies
	contentLimit        int // in runes, of a text
	contentSize         int // in bytes, of an attribute
	// metricKeys are the association properties that metrics may carry.
	metricKeys []attribute.Key
	// toolDefinitions are content, too.
	toolDefinitions bool
	strict          bool
	err             error
}

const (
	defaultContentLimit = 8192
	defaultContentSize  = 256 << 10
	leastContentSize    = 4 << 10
)

func newConfig(opts []Option) config {
	c := config{contentLimit: defaultContentLimit, contentSize: defaultContentSize, toolDefinitions: true}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	c.err = errors.Join(c.err, c.content.complete(os.LookupEnv))
	return c
}

// WithTracerProvider sets where spans go. Default: the global provider, also
// when it is set after the Handler was made.
func WithTracerProvider(tp trace.TracerProvider) Option {
	return optionFunc(func(c *config) { c.tracerProvider = tp })
}

// WithMeterProvider sets where metrics go. Default: the global provider. It has
// no effect beside [WithRecorder].
func WithMeterProvider(mp metric.MeterProvider) Option {
	return optionFunc(func(c *config) { c.meterProvider = mp })
}

// WithRecorder sets the recorder of metrics, for bucket boundaries of one's own. It has
// prices and observers of its own, whatever SPANLOOM_PRICES says. Default: one made on
// the meter provider.
func WithRecorder(r *metrics.Recorder) Option {
	return optionFunc(func(c *config) { c.recorder = r })
}

// WithAttributes adds attributes to every span; several uses add up. They never
// become metric labels.
func WithAttributes(attrs ...attribute.KeyValue) Option {
	return optionFunc(func(c *config) { c.attributes = append(slices.Clip(c.attributes), attrs...) })
}

// WithMetricAttributes lets the association properties of these keys become
// labels of the metrics as well; all others stay off metrics. Every value makes
// time series of its own, so allow what has few of them, a plan or a region, and
// no user.id. Several uses add up.
//
// The keys of the convention's own labels, such as error.type, are refused: the
// error of [NewHandler] names them, and they stay off metrics as others do.
func WithMetricAttributes(keys ...attribute.Key) Option {
	return optionFunc(func(c *config) {
		c.metricKeys = slices.Clip(c.metricKeys)
		for _, k := range keys {
			if slices.Contains(semconv.MetricLabels(), k) {
				c.err = errors.Join(c.err, fmt.Errorf("callbacks: WithMetricAttributes(%q): the convention has this label itself, and where it leaves it out "+
					"a property would be taken for it; use another key; this one is ignored", k))
				continue
			}
			c.metricKeys = append(c.metricKeys, k)
		}
	})
}

// WithContent sets the policy for prompts, answers, documents, queries, tool
// arguments and results. Default: what SPANLOOM_CONTENT says (none, redact, hash
// or verbatim); else [privacy.Verbatim] if
// OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT (SPAN_ONLY, SPAN_AND_EVENT or
// true) or else TRACELOOP_TRACE_CONTENT (true) asks for content; else
// [privacy.None]. The option wins over spanloom.Init's, that one over the
// environment, and [ContextWithContent] over all.
//
// With a policy, the values of chains and documents are read as encoding/json
// reads them, before the call they were given to goes on. As with any function,
// a map among them must not be written by another goroutine meanwhile.
func WithContent(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content.setBoth(p) })
}

// WithInputContent is [WithContent] for what operations are given alone: prompts,
// queries, tool arguments, tool definitions, documents on their way into a store.
// The later of the two options counts.
func WithInputContent(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content.input = &p })
}

// WithOutputContent is [WithContent] for what operations give back alone: answers,
// tool results, documents found. The later of the two options counts.
func WithOutputContent(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content.output = &p })
}

// WithErrorMessages sets the policy for the messages of errors, which may quote
// content: in the description of a failed span, and in its exception event. At
// most 256 runes are recorded. With [privacy.None] the description is made of
// facts: the error type, the HTTP status, the provider's error code, the Go type.
//
// Default: what SPANLOOM_ERROR_MESSAGES says (none, redact, hash or verbatim);
// else the policies of content, so that without them no message is recorded. A
// context that switches content off switches messages off, too.
func WithErrorMessages(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content.errors = &p })
}

// WithContentLimit cuts every text inside a content attribute to so many runes;
// the JSON around it stays valid. 0 means no limit. Default: 8192.
func WithContentLimit(runes int) Option {
	return optionFunc(func(c *config) {
		if runes < 0 {
			c.err = errors.Join(c.err, fmt.Errorf("callbacks: WithContentLimit(%d): the limit must not be negative; the default of %d is used", runes, defaultContentLimit))
			return
		}
		c.contentLimit = runes
	})
}

// WithContentSize bounds a content attribute as a whole, in bytes; a span has at
// most four times as many in all. What is cut says so, and JSON stays valid: of
// messages the newest stay, of documents the first. Less than 4096 is an error,
// and the default is used. Default: 262144 (256 KiB).
func WithContentSize(bytes int) Option {
	return optionFunc(func(c *config) {
		if bytes < leastContentSize {
			c.err = errors.Join(c.err, fmt.Errorf("callbacks: WithContentSize(%d): use at least %d; the default of %d is used", bytes, leastContentSize, defaultContentSize))
			return
		}
		c.contentSize = bytes
	})
}

// WithToolDefinitions says whether content includes gen_ai.tool.definitions, the
// tools a model call offers. Default: true. They are long, the same in every
// call, and Langfuse shows them in place of the messages.
func WithToolDefinitions(on bool) Option {
	return optionFunc(func(c *config) { c.toolDefinitions = on })
}

// WithStrictSemConv leaves out every attribute and metric that OpenTelemetry's
// registry does not list: traceloop.*, openinference.*, association properties, cost,
// and attributes of yours under other names. A Recorder of [WithRecorder] needs
// metrics.WithStrictSemConv itself.
func WithStrictSemConv() Option {
	return optionFunc(func(c *config) { c.strict = true })
}

// complete sets what is not set yet from spanloom.Init's policy or the environment. A
// bad value of one variable does not touch what the other is for.
func (p *policies) complete(lookup func(string) (string, bool)) (err error) {
	fallback := content.DefaultPolicy()
	if fallback == nil && (p.input == nil || p.output == nil) {
		name, _, e := contentenv.Policy(lookup)
		if e != nil {
			err = fmt.Errorf("callbacks: %w; no content is recorded", e)
		}
		fallback = new(policyNamed[name])
	}
	p.input, p.output = cmp.Or(p.input, fallback), cmp.Or(p.output, fallback)
	if p.errors != nil {
		return err
	}
	name, variable, e := contentenv.ErrorPolicy(lookup)
	if e != nil {
		err = errors.Join(err, fmt.Errorf("callbacks: %w; no error messages are recorded", e))
	}
	if variable != "" {
		p.errors = new(policyNamed[name])
	}
	return err
}

// policyNamed lacks None, which is nil.
var policyNamed = map[string]privacy.Policy{contentenv.Redact: privacy.Redact, contentenv.Hash: privacy.Hash, contentenv.Verbatim: privacy.Verbatim}
