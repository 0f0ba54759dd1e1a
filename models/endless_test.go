// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
)

// circle is an error whose Unwrap leads back to it.
type circle struct{}

func (circle) Error() string { return "circle" }
func (circle) Unwrap() error { return circle{} }

// errors.As does not end with such an error, and neither would the call.
func TestEndlessErrorEndsTheCall(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"error":{"message":"later"}}`))
	})
	client := &http.Client{Transport: models.NewTransport(nil)}
	attempts := 0
	m := models.Retry(&oteltest.Model{Respond: func(ctx context.Context, _ []llms.MessageContent, _ llms.CallOptions) (*llms.ContentResponse, error) {
		attempts++
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, http.NoBody)
		if err != nil {
			return nil, err
		}
		res, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		buf := make([]byte, 1<<10)
		for err == nil {
			_, err = res.Body.Read(buf)
		}
		_ = res.Body.Close()
		return nil, circle{}
	}}, models.WithInitialWait(time.Nanosecond))
	_, err := m.GenerateContent(t.Context(), nil)
	assert.Equal(t, circle{}, err)
	assert.Equal(t, 3, attempts)
}
