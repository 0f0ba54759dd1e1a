// SPDX-License-Identifier: Apache-2.0

package index

import (
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// Report is what a run of [Index.Add] or [Index.Sync] has done. The counts
// are on the span "ingest", too.
type Report struct {
	// Documents is how many the loader gave; pages or rows of one file are several.
	Documents int
	// Sources is how many they came from; documents of the same source that
	// follow one another count as one.
	Sources int
	// Skipped is how many sources the loader passed over on purpose.
	Skipped int
	// Failed are the sources that could not be read.
	Failed []*SourceError

	// Added is how many chunks were embedded and stored.
	Added int
	// Unchanged is how many chunks were stored before.
	Unchanged int
	// Deleted is how many chunks were deleted because they are no longer there.
	Deleted int

	Elapsed time.Duration
}

// String sums the report up in a line.
func (r Report) String() string {
	text := fmt.Sprintf("%d documents in %v", r.Documents, r.Elapsed.Round(time.Millisecond))
	if s := r.Elapsed.Seconds(); s > 0 && r.Documents > 0 {
		text += fmt.Sprintf(" (%.0f/s)", float64(r.Documents)/s)
	}
	text += fmt.Sprintf(": %d chunks added, %d unchanged, %d deleted", r.Added, r.Unchanged, r.Deleted)
	if r.Skipped > 0 {
		text += fmt.Sprintf(", %d files skipped", r.Skipped)
	}
	if n := len(r.Failed); n > 0 {
		text += fmt.Sprintf(", %d sources could not be read", n)
	}
	return text
}

func (r Report) attributes() []attribute.KeyValue {
	kv := []attribute.KeyValue{
		semconv.IndexDocuments.Int(r.Documents),
		semconv.IndexSources.Int(r.Sources),
		semconv.IndexChunksAdded.Int(r.Added),
		semconv.IndexChunksUnchanged.Int(r.Unchanged),
		semconv.IndexChunksDeleted.Int(r.Deleted),
	}
	if r.Skipped > 0 {
		kv = append(kv, semconv.IndexSourcesSkipped.Int(r.Skipped))
	}
	if len(r.Failed) > 0 {
		kv = append(kv, semconv.IndexSourcesFailed.Int(len(r.Failed)))
	}
	return kv
}
