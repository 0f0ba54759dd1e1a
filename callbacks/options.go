// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

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
	tracerProvider      trace.TracerProvider
	meterProvider       metric.MeterProvider
	recorder            *metrics.Recorder
	recorderOptions     []metrics.Option // for the Recorder that the Handler makes if it is given none
	recorderOptionNames string           // for the error beside WithRecorder
	attributes          []attribute.KeyValue
	content             policies
	contentLimit        int             // in runes, of a text
	contentSize         int             // in bytes, of an attribute
	metricKeys          []attribute.Key // the association properties that metrics may carry
	toolDefinitions     bool            // they are content, too
	strict              bool
	err                 error
}

const (
	defaultContentLimit = 8192
	defaultContentSize  = 256 << 10
	leastContentSize    = 4 << 10
)

func newConfig(opts []Option) config {
	c := config{contentLimit: defaultContentLimit, contentSize: defaultContentSize}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	c.err = errors.Join(c.err, c.content.complete(os.LookupEnv))
	return c
}

// reject adds an error for an option.
func (c *config) reject(format string, args ...any) {
	c.err = errors.Join(c.err, fmt.Errorf("callbacks: "+format, args...))
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

// WithMetricAttributes lets the association properties of these keys become labels of
// the metrics as well. Every value makes time series of its own, so allow what has few
// of them, such as a region, and no user.id. Several uses add up. Keys of the convention's
// own labels, such as error.type, are an error, and stay off metrics.
func WithMetricAttributes(keys ...attribute.Key) Option {
	return optionFunc(func(c *config) {
		c.metricKeys = slices.Clip(c.metricKeys)
		for _, k := range keys {
			if slices.Contains(semconv.MetricLabels(), k) {
				c.reject("WithMetricAttributes(%q): the convention has this label itself, and where it leaves it out "+
					"a property would be taken for it; use another key; this one is ignored", k)
			} else {
				c.metricKeys = append(c.metricKeys, k)
			}
		}
	})
}

// WithContent sets the policy for prompts, answers, documents, queries, tool arguments
// and results. [ContextWithContent] wins over it. Default: spanloom.Init's policy, else
// what SPANLOOM_CONTENT says (none, redact, hash or verbatim), else [privacy.Verbatim] if
// OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT (SPAN_ONLY, SPAN_AND_EVENT or true)
// or TRACELOOP_TRACE_CONTENT (true) asks for content, else [privacy.None].
//
// With a policy, the values of chains and documents are read as encoding/json reads them,
// before the call goes on. No other goroutine may write a map among them meanwhile.
func WithContent(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content.input, c.content.output = &p, &p })
}

// WithInputContent is [WithContent] for what operations are given alone: prompts, queries,
// tool arguments and definitions, documents for a store. The later option counts.
func WithInputContent(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content.input = &p })
}

// WithOutputContent is [WithContent] for what operations give back alone: answers,
// tool results, documents found. The later of the two options counts.
func WithOutputContent(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content.output = &p })
}

// WithErrorMessages sets the policy for the messages of errors, which may quote content,
// in a failed span's description and exception event: at most 256 runes. With
// [privacy.None] the error type, HTTP status, provider's error code and Go type take
// their place. Default: what SPANLOOM_ERROR_MESSAGES says (none, redact, hash or
// verbatim), else the policies of content. A context without content has no messages.
func WithErrorMessages(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content.errors = &p })
}

// WithContentLimit cuts every text inside a content attribute to so many runes;
// the JSON around it stays valid. 0 means no limit. Default: 8192.
func WithContentLimit(runes int) Option {
	return optionFunc(func(c *config) {
		if c.contentLimit = runes; runes < 0 {
			c.contentLimit = defaultContentLimit
			c.reject("WithContentLimit(%d): the limit must not be negative; the default of %d is used", runes, defaultContentLimit)
		}
	})
}

// WithContentSize bounds a content attribute, in bytes, at least 4096; a span has at most
// four times as many in all. What is cut says so, and JSON stays valid: of messages the
// newest stay, of documents the first. Default: 262144 (256 KiB).
func WithContentSize(bytes int) Option {
	return optionFunc(func(c *config) {
		if c.contentSize = bytes; bytes < leastContentSize {
			c.contentSize = defaultContentSize
			c.reject("WithContentSize(%d): use at least %d; the default of %d is used", bytes, leastContentSize, defaultContentSize)
		}
	})
}

// WithToolDefinitions says whether content includes gen_ai.tool.definitions, the
// tools a model call offers. Default: false. They are long, the same in every
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

// WithPrices sets the prices for gen_ai.usage.cost, on spans and as a metric; nil
// switches cost off. Models without a price have no cost, and OpenTelemetry's error
// handler is told of each once. Default: what SPANLOOM_PRICES says, which is off or a file
// for metrics.LoadPrices, with prices that come before those of metrics.DefaultPrices.
func WithPrices(p *metrics.Prices) Option {
	return withRecorderOption("WithPrices", metrics.WithPrices(p))
}

// WithObserver passes every finished operation to o, for example to an alert.Monitor.
// Several uses add up. It works with any meter provider, and with none.
func WithObserver(o metrics.Observer) Option {
	return withRecorderOption("WithObserver", metrics.WithObserver(o))
}

func withRecorderOption(name string, o metrics.Option) Option {
	return optionFunc(func(c *config) {
		c.recorderOptions = append(slices.Clip(c.recorderOptions), o)
		c.recorderOptionNames += " " + name
	})
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

// pricesFromEnv returns the option that SPANLOOM_PRICES asks for, or nil. With an error
// the default prices stay.
func pricesFromEnv(lookup func(string) (string, bool)) (metrics.Option, error) {
	const name = contentenv.Prices
	value, _ := lookup(name)
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return nil, nil //nolint:nilnil // options may be nil
	case strings.EqualFold(value, "off"):
		return metrics.WithPrices(nil), nil
	}
	file, err := os.Open(value)
	if err != nil {
		return nil, fmt.Errorf("callbacks: %s: use off or a file of prices: %w; the default prices are used", name, err)
	}
	p, err := metrics.LoadPrices(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("callbacks: %s=%s: %w; the default prices are used", name, value, err)
	}
	return metrics.WithPrices(p.Or(metrics.DefaultPrices())), nil
}
