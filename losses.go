// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/terminal"
)

// losses counts what could not be exported and says so once: a backend that is
// down for a night must not fill the log.
type losses struct {
	logger *slog.Logger
	// room is how many spans may be on their way at most: what ended and was not
	// handed to the exporter beyond that, the queue dropped. OpenTelemetry's
	// processor does not report it.
	room, queue   int64
	ended, handed atomic.Int64
	saidFull      atomic.Bool
	saidFailed    atomic.Bool
	closing       chan struct{} // closed when the shutdown begins
	// ending is the shutdown's context, set before closing is closed.
	ending context.Context //nolint:containedctx // exports that are on their way need its time

	mu             sync.Mutex
	traces, points loss
	answered       int64 // of the spans that were handed
	shortened      int   // spans that arrived with cut texts
}

// loss is what of one signal was not delivered, and why the last of it was not.
type loss struct {
	n    int
	last error
}

func newLosses(c config) *losses {
	queue := int64(c.batching.QueueSize)
	return &losses{logger: c.logger, room: queue + int64(c.batching.BatchSize), queue: queue, closing: make(chan struct{})}
}

// answer counts spans as no longer on their way, and n as lost with an error.
func (l *losses) answer(of *loss, spans, n int, err error) {
	l.mu.Lock()
	l.answered += int64(spans)
	if err != nil {
		of.n += n
		of.last = err
	}
	l.mu.Unlock()
	if err != nil {
		l.say(err)
	}
}

func (l *losses) say(err error) {
	if l.saidFailed.CompareAndSwap(false, true) {
		l.logger.Warn("spanloom: export failed; the program runs on, further failures are counted and reported at shutdown", "error", err)
	}
}

func (l *losses) countShortened() {
	l.mu.Lock()
	l.shortened++
	first := l.shortened == 1
	l.mu.Unlock()
	if first {
		l.logger.Warn("spanloom: a span was too large for the backend, and its longest texts were cut; further ones are counted and reported at shutdown; to keep them, raise the backend's limit, or set callbacks.WithContentLimit lower")
	}
}

func (l *losses) end() {
	if waiting := l.ended.Add(1) - l.handed.Load(); waiting > l.room && l.saidFull.CompareAndSwap(false, true) {
		l.logger.Warn("spanloom: the queue of spans is full, and spans are dropped; the program runs on, how many is reported at shutdown; to keep them, set OTEL_BSP_MAX_QUEUE_SIZE or spanloom.WithBatching higher", "queue_size", l.queue)
	}
}

var errNoAnswer = errors.New("the backend did not answer before the time for shutdown was over")

// errs is for the end of the shutdown. Spans that are still on their way then are
// lost, since the program ends.
func (l *losses) errs() (errs []error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := int(l.handed.Load() - l.answered); n > 0 {
		l.traces.n += n
		l.traces.last = errNoAnswer
	}
	if l.traces.last != nil {
		errs = append(errs, &SignalError{"traces", fmt.Errorf("%s could not be delivered, the last one because: %w", terminal.Plural(l.traces.n, "span", "spans"), l.traces.last)})
	}
	if dropped := int(l.ended.Load() - l.handed.Load()); dropped > 0 {
		errs = append(errs, &SignalError{"traces", fmt.Errorf("%s dropped: the queue of %d was full (set OTEL_BSP_MAX_QUEUE_SIZE or spanloom.WithBatching higher), or the time for shutdown too short", terminal.Plural(dropped, "span was", "spans were"), l.queue)})
	}
	if l.shortened > 0 {
		errs = append(errs, &SignalError{"traces", fmt.Errorf("%s too large for the backend, and arrived with cut texts", terminal.Plural(l.shortened, "span was", "spans were"))})
	}
	if l.points.last != nil {
		errs = append(errs, &SignalError{"metrics", fmt.Errorf("%s could not be delivered, the last one because: %w", terminal.Plural(l.points.n, "export of metrics", "exports of metrics"), l.points.last)})
	}
	return errs
}

// countingEnds counts the spans that a processor is given.
type countingEnds struct {
	sdktrace.SpanProcessor
	losses *losses
}

func (p countingEnds) OnEnd(s sdktrace.ReadOnlySpan) {
	if s.SpanContext().IsSampled() {
		p.losses.end()
	}
	p.SpanProcessor.OnEnd(s)
}

// lossySpans is the border that all spans pass: it makes their strings valid and
// their requests small enough. It keeps export errors from OpenTelemetry's global
// error handler, which would print each of them, and tries again where the network
// failed: OTLP over HTTP gives such a batch up at once, and would empty the queue
// into nothing while a collector restarts.
type lossySpans struct {
	sdktrace.SpanExporter
	losses *losses
	credentials
	// patient is false without batching: there the program waits.
	patient bool
	// limit bounds a request, in bytes. The SDK never calls ExportSpans concurrently.
	limit int
}

func newLossySpans(e sdktrace.SpanExporter, l *losses, keys credentials, patient bool) *lossySpans {
	return &lossySpans{e, l, keys, patient, maxRequest}
}

func (e *lossySpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	e.losses.handed.Add(int64(len(spans)))
	spans = validSpans(spans)
	limit := e.limit
	for len(spans) > 0 {
		n, size := fitting(spans, limit)
		err := e.deliver(ctx, spans[:n])
		if isTooLarge(err) {
			if n > 1 {
				limit = size / 2
				e.limit = max(limit, minRequest)
				continue
			}
			err = e.deliverShortened(ctx, spans[0], err)
		}
		e.losses.answer(&e.losses.traces, n, n, e.maskErr(err))
		spans = spans[n:]
	}
	return nil
}

func (e *lossySpans) deliver(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	for wait := firstWait; err != nil && e.patient && isNetwork(err); wait = min(2*wait, longestWait) {
		e.losses.say(e.maskErr(err))
		if !e.losses.pause(ctx, wait) {
			break
		}
		err = e.SpanExporter.ExportSpans(ctx, spans)
	}
	return err
}

// deliverShortened is for a span that alone is too large, which is what err says.
func (e *lossySpans) deliverShortened(ctx context.Context, s sdktrace.ReadOnlySpan, err error) error {
	for size := spanSize(s); isTooLarge(err); {
		short, n := shortened(s, size/2)
		if n >= size {
			return err
		}
		size = n
		err = e.deliver(ctx, []sdktrace.ReadOnlySpan{short})
	}
	if err == nil {
		e.losses.countShortened()
	}
	return err
}

const (
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

func isNetwork(err error) bool {
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}

// pause waits, but not beyond the context or the beginning of the shutdown.
func (l *losses) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.closing:
	case <-ctx.Done():
	}
	return false
}

// lossyMetrics is lossySpans for metrics. Their requests are bounded by the number
// of labels' combinations, and divided only where a backend refuses them.
type lossyMetrics struct {
	sdkmetric.Exporter
	losses *losses
	credentials
}

func (e lossyMetrics) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	e.losses.answer(&e.losses.points, 0, 1, e.maskErr(e.deliver(ctx, validMetrics(m))))
	return nil
}

// deliver sends again what the shutdown interrupts: the reader cancels the export
// that is on its way. With delta temporality its points would be lost.
func (e lossyMetrics) deliver(ctx context.Context, m *metricdata.ResourceMetrics) error {
	err := e.Exporter.Export(ctx, m)
	if err != nil && ctx.Err() != nil {
		select {
		case <-e.losses.closing:
			err = e.Exporter.Export(e.losses.ending, m)
		default:
		}
	}
	if isTooLarge(err) {
		if a, b, ok := halves(m); ok {
			return errors.Join(e.deliver(ctx, a), e.deliver(ctx, b))
		}
	}
	return err
}
