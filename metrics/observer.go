// SPDX-License-Identifier: Apache-2.0

package metrics

import "context"

// Observer receives every operation that a [Recorder] records, after the metrics.
// alert.Monitor is one. See [WithObserver].
type Observer interface {
	// Observe is called on the goroutine that ended the operation, and by several of
	// them at a time. It must return quickly and must not change m.Attributes. The
	// cost is 0 where a call has no price.
	//
	// If an Observer also has a method Err() error, [NewRecorder] returns that error.
	Observe(ctx context.Context, m Measurement, cost USD)
}

// observerErr returns what the observer itself reports to be wrong.
func observerErr(o Observer) error {
	if e, ok := o.(interface{ Err() error }); ok {
		return e.Err()
	}
	return nil
}
