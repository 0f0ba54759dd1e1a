// SPDX-License-Identifier: Apache-2.0

package vectorstore

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// A number that OpenTelemetry's exporters refuse would take its batch along.
func TestThreshold(t *testing.T) {
	for _, tt := range []struct {
		threshold float32
		want      []attribute.KeyValue
	}{
		{0, nil},
		{0.5, []attribute.KeyValue{semconv.RetrievalThreshold.Float64(0.5)}},
		{float32(math.NaN()), nil},
		{float32(math.Inf(1)), nil},
	} {
		s := &store{}
		assert.Equal(t, tt.want, s.appendCall(nil, &vectorstores.Options{ScoreThreshold: tt.threshold}), "%v", tt.threshold)
	}
}
