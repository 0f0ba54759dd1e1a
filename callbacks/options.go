// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/contentenv"
	"github.com/spanloom/spanloom/internal/defaults"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// Option configures a [Handler]. A nil Option is ignored.
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	tracerProvider trace.TracerProvider
	meterProvider  metric.MeterProvider
	recorder       *metrics.Recorder
	attributes     []attribute.KeyValue
	content        policies
	contentLimit   int // in runes, of a text
	contentSize    int // in bytes, of an attribute
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
			c = o.apply(c)
		}
	}
	var err error
	if p, ok := defaults.Content(); ok {
		c.content = c.content.or(set(p))
	}
	c.content, err = c.content.fromEnv(os.LookupEnv)
	c.err = errors.Join(c.err, err)
	return c
}

// WithTracerProvider sets where spans go. Default: the global provider, also
// when it is set after the Handler was made.
func WithTracerProvider(tp trace.TracerProvider) Option {
	return optionFunc(func(c config) config {
		c.tracerProvider = tp
		return c
	})
}

// WithMeterProvider sets where metrics go. Default: the global provider. It has
// no effect beside [WithRecorder].
func WithMeterProvider(mp metric.MeterProvider) Option {
	return optionFunc(func(c config) config {
		c.meterProvider = mp
		return c
	})
}

// WithRecorder sets the recorder of metrics, for prices or an observer such as an
// alert.Monitor. Default: one made on the meter provider.
func WithRecorder(r *metrics.Recorder) Option {
	return optionFunc(func(c config) config {
		c.recorder = r
		return c
	})
}

// WithAttributes adds attributes to every span; several uses add up. They never
// become metric labels.
func WithAttributes(attrs ...attribute.KeyValue) Option {
	return optionFunc(func(c config) config {
		c.attributes = append(slices.Clip(c.attributes), attrs...)
		return c
	})
}

// WithMetricAttributes lets the association properties of these keys become
// labels of the metrics as well; all others stay off metrics. Every value makes
// time series of its own, so allow what has few of them, a plan or a region, and
// no user.id. Several uses add up.
//
// The keys of the convention's own labels, such as error.type, are refused: the
// error of [NewHandler] names them, and they stay off metrics as others do.
func WithMetricAttributes(keys ...attribute.Key) Option {
	return optionFunc(func(c config) config {
		c.metricKeys = slices.Clip(c.metricKeys)
		for _, k := range keys {
			if slices.Contains(semconv.MetricLabels(), k) {
				c.err = errors.Join(c.err, fmt.Errorf("callbacks: WithMetricAttributes(%q): the convention has this label itself, and where it leaves it out "+
					"a property would be taken for it; use another key; this one is ignored", k))
				continue
			}
			c.metricKeys = append(c.metricKeys, k)
		}
		return c
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
	return optionFunc(func(c config) config {
		both := set(p)
		c.content.input, c.content.output = both, both
		return c
	})
}

// WithInputContent is [WithContent] for what operations are given alone: prompts,
// queries, tool arguments, tool definitions, documents on their way into a store.
// The later of the two options counts.
func WithInputContent(p privacy.Policy) Option {
	return optionFunc(func(c config) config {
		c.content.input = set(p)
		return c
	})
}

// WithOutputContent is [WithContent] for what operations give back alone: answers,
// tool results, documents found. The later of the two options counts.
func WithOutputContent(p privacy.Policy) Option {
	return optionFunc(func(c config) config {
		c.content.output = set(p)
		return c
	})
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
	return optionFunc(func(c config) config {
		c.content.errors = set(p)
		return c
	})
}

// WithContentLimit cuts every text inside a content attribute to so many runes;
// the JSON around it stays valid. 0 means no limit. Default: 8192.
func WithContentLimit(runes int) Option {
	return optionFunc(func(c config) config {
		if runes < 0 {
			c.err = errors.Join(c.err, fmt.Errorf("callbacks: WithContentLimit(%d): the limit must not be negative; the default of %d is used", runes, defaultContentLimit))
			return c
		}
		c.contentLimit = runes
		return c
	})
}

// WithContentSize bounds a content attribute as a whole, in bytes; a span has at
// most four times as many in all. What is cut says so, and JSON stays valid: of
// messages the newest stay, of documents the first. Less than 4096 is an error,
// and the default is used. Default: 262144 (256 KiB).
func WithContentSize(bytes int) Option {
	return optionFunc(func(c config) config {
		if bytes < leastContentSize {
			c.err = errors.Join(c.err, fmt.Errorf("callbacks: WithContentSize(%d): use at least %d; the default of %d is used", bytes, leastContentSize, defaultContentSize))
			return c
		}
		c.contentSize = bytes
		return c
	})
}

// WithToolDefinitions says whether content includes gen_ai.tool.definitions, the
// tools a model call offers. Default: true. They are long, the same in every
// call, and Langfuse shows them in place of the messages.
func WithToolDefinitions(on bool) Option {
	return optionFunc(func(c config) config {
		c.toolDefinitions = on
		return c
	})
}

// WithStrictSemConv leaves out every attribute that OpenTelemetry's registry
// does not list: traceloop.*, openinference.*, association properties, cost,
// and attributes of yours under other names.
func WithStrictSemConv() Option {
	return optionFunc(func(c config) config {
		c.strict = true
		return c
	})
}

// or sets what is not set yet.
func (p policies) or(content setting) policies {
	p.input, p.output = p.input.or(content), p.output.or(content)
	return p
}

// fromEnv sets what is not set yet from the environment. A bad value of one
// variable does not touch what the other is for.
func (p policies) fromEnv(lookup func(string) (string, bool)) (policies, error) {
	var errs []error
	if !p.input.isSet() || !p.output.isSet() {
		name, _, err := contentenv.Policy(lookup)
		if err != nil {
			errs = append(errs, fmt.Errorf("callbacks: %w; no content is recorded", err))
		}
		p = p.or(set(policyNamed[name]))
	}
	if !p.errors.isSet() {
		name, variable, err := contentenv.ErrorPolicy(lookup)
		if err != nil {
			errs = append(errs, fmt.Errorf("callbacks: %w; no error messages are recorded", err))
		}
		if variable != "" {
			p.errors = set(policyNamed[name])
		}
	}
	return p, errors.Join(errs...)
}

// policyNamed lacks None, which is nil.
var policyNamed = map[string]privacy.Policy{contentenv.Redact: privacy.Redact, contentenv.Hash: privacy.Hash, contentenv.Verbatim: privacy.Verbatim}
