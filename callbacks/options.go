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

	"github.com/spanloom/spanloom/internal/defaults"
	"github.com/spanloom/spanloom/internal/envvars"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
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
	policy         Policy
	policySet      bool
	contentLimit   int
	// metricKeys are the association properties that metrics may carry.
	metricKeys []attribute.Key
	// toolDefinitions are content, too.
	toolDefinitions bool
	strict          bool
	err             error
}

const defaultContentLimit = 8192

func newConfig(opts []Option) config {
	c := config{contentLimit: defaultContentLimit, toolDefinitions: true}
	for _, o := range opts {
		if o != nil {
			c = o.apply(c)
		}
	}
	if p, ok := defaults.Content(); ok && !c.policySet {
		c.policy, c.policySet = p, true
	}
	if !c.policySet {
		var err error
		c.policy, err = policyFromEnv(os.LookupEnv)
		c.err = errors.Join(c.err, err)
	}
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
// or verbatim); else [Verbatim] if OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT
// (SPAN_ONLY, SPAN_AND_EVENT or true) or else TRACELOOP_TRACE_CONTENT (true) asks
// for content; else [None]. The option wins over spanloom.Init's, that one over the
// environment, and [ContextWithContent] over all.
//
// With a policy, the values of chains and documents are read as encoding/json
// reads them, before the call they were given to goes on. As with any function,
// a map among them must not be written by another goroutine meanwhile.
func WithContent(p Policy) Option {
	return optionFunc(func(c config) config {
		c.policy, c.policySet = p, true
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

func policyFromEnv(lookup envvars.Lookup) (Policy, error) {
	name, _, err := lookup.ContentPolicy()
	if err != nil {
		return None, fmt.Errorf("callbacks: %w; no content is recorded", err)
	}
	return map[string]Policy{envvars.None: None, envvars.Redact: Redact, envvars.Hash: Hash, envvars.Verbatim: Verbatim}[name], nil
}
