// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/terminal"
)

// Pages is a span processor that writes each trace as a page of [WriteHTML] into a folder,
// once no span of it is open in this program. It is safe for concurrent use.
//
// A page is named by the trace's start in UTC and its id, such as
// 20260102T150405.000Z-0af7651916cd43dd8448eb211c80319c.html. Older pages of such names
// are removed, other files are not. A goroutine of its own writes, as that of a [Printer].
// Errors go to OpenTelemetry's error handler.
type Pages struct {
	*collector
	folder string
	newest int
}

const pageTime = "20060102T150405.000Z"

var pageName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{32}\.html$`)

// NewPages returns Pages that keep the newest pages in the folder, at least one. The folder
// is made, for its owner only, as pages are: they show what the spans hold. The error says
// that no file can be written there.
func NewPages(folder string, newest int) (*Pages, error) {
	p := &Pages{folder: folder, newest: max(newest, 1)}
	p.collector = newCollector(p.page)
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(folder, ".spanloom-*"); err == nil {
			err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("traceview: %w", err)
	}
	return p, nil
}

func (p *Pages) page(spans []sdktrace.ReadOnlySpan, missed int) {
	if missed > 0 {
		otel.Handle(fmt.Errorf("traceview: %s without a page: the disk is too slow", terminal.Plural(missed, "trace", "traces")))
	}
	if err := errors.Join(p.write(spans), p.removeOld()); err != nil {
		otel.Handle(fmt.Errorf("traceview: %w", err))
	}
}

// write renames a finished file: nobody opens half a page.
func (p *Pages) write(spans []sdktrace.ReadOnlySpan) error {
	start := treesOf(spans)[0].start.UTC().Format(pageTime)
	name := fmt.Sprintf("%s-%s.html", start, spans[0].SpanContext().TraceID())
	f, err := os.CreateTemp(p.folder, ".spanloom-*")
	if err != nil {
		return err
	}
	if err = errors.Join(WriteHTML(f, spans), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(p.folder, name))
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// removeOld removes the oldest pages. Another program may remove them at the same time.
func (p *Pages) removeOld() error {
	files, err := os.ReadDir(p.folder) // in order of their names, which is that of time
	if err != nil {
		return err
	}
	var pages []string
	for _, f := range files {
		if f.Type().IsRegular() && pageName.MatchString(f.Name()) {
			pages = append(pages, f.Name())
		}
	}
	for i := range len(pages) - p.newest {
		if e := os.Remove(filepath.Join(p.folder, pages[i])); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
