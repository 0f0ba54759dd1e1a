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
)

// losses counts what could not be exported and says so once: a backend that is
// down for a night must not fill the log.
type losses struct {
	logger *slog.Logger
	// room is how many spans may be on their way at most: what ended and was not
	// handed to the exporter beyond that, the queue dropped. OpenTelemetry's
	// processor does not report it.
	room          int64
	ended, handed atomic.Int64
	saidFull      atomic.Bool
	saidFailed    atomic.Bool
	closing       chan struct{} // closed when the shutdown begins
	// ending is the shutdown's context, set before closing is closed.
	ending context.Context //nolint:containedctx // exports that are on their way need its time

	mu             sync.Mutex
	traces, points loss
	answered       int64 // of the spans that were handed
}

// loss is what of one signal was not delivered, and why the last of it was not.
type loss struct {
	n    int
	last error
}

func newLosses(c config) *losses {
	return &losses{logger: c.logger, room: int64(c.batching.QueueSize + c.batching.BatchSize), closing: make(chan struct{})}
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

func (l *losses) end() {
	if waiting := l.ended.Add(1) - l.handed.Load(); waiting > l.room && l.saidFull.CompareAndSwap(false, true) {
		l.logger.Warn("spanloom: the queue of spans is full, and spans are dropped; the program runs on, how many is reported at shutdown", "queue_and_batch", l.room)
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
		errs = append(errs, &SignalError{"traces", fmt.Errorf("%s could not be delivered, the last one because: %w", number(l.traces.n, "span", "spans"), l.traces.last)})
	}
	if dropped := int(l.ended.Load() - l.handed.Load()); dropped > 0 {
		errs = append(errs, &SignalError{"traces", fmt.Errorf("%s dropped: the queue was full, or the time for shutdown too short", number(dropped, "span was", "spans were"))})
	}
	if l.points.last != nil {
		errs = append(errs, &SignalError{"metrics", fmt.Errorf("%s could not be delivered, the last one because: %w", number(l.points.n, "export of metrics", "exports of metrics"), l.points.last)})
	}
	return errs
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
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

// lossySpans keeps export errors from OpenTelemetry's global error handler,
// which would print each of them, and tries again where the network failed:
// OTLP over HTTP gives such a batch up at once, and would empty the queue into
// nothing while a collector restarts.
type lossySpans struct {
	sdktrace.SpanExporter
	losses *losses
	credentials
	// patient is false without batching: there the program waits.
	patient bool
}

func (e lossySpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	n := len(spans)
	e.losses.handed.Add(int64(n))
	err := e.SpanExporter.ExportSpans(ctx, spans)
	for wait := firstWait; err != nil && e.patient && isNetwork(err); wait = min(2*wait, longestWait) {
		e.losses.say(e.maskErr(err))
		if !e.losses.pause(ctx, wait) {
			break
		}
		err = e.SpanExporter.ExportSpans(ctx, spans)
	}
	e.losses.answer(&e.losses.traces, n, n, e.maskErr(err))
	return nil
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

// lossyMetrics is lossySpans for metrics.
type lossyMetrics struct {
	sdkmetric.Exporter
	losses *losses
	credentials
}

// Export sends again what the shutdown interrupts: the reader cancels the export
// that is on its way. With delta temporality its points would be lost.
func (e lossyMetrics) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	err := e.Exporter.Export(ctx, m)
	if err != nil && ctx.Err() != nil {
		select {
		case <-e.losses.closing:
			err = e.Exporter.Export(e.losses.ending, m)
		default:
		}
	}
	e.losses.answer(&e.losses.points, 0, 1, e.maskErr(err))
	return nil
}
