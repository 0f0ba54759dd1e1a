// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/internal/spantree"
)

// Option, then environment, then default.
func TestResource(t *testing.T) {
	for _, tc := range []struct {
		reason string
		env    map[string]string
		opts   []spanloom.Option
		want   map[attribute.Key]string
	}{
		{"default", nil, nil, map[attribute.Key]string{"telemetry.sdk.language": "go"}},
		{
			"environment",
			map[string]string{"OTEL_SERVICE_NAME": "env", "OTEL_RESOURCE_ATTRIBUTES": "team=blue,service.name=other"},
			nil,
			map[attribute.Key]string{"service.name": "env", "team": "blue"},
		},
		{
			"options",
			map[string]string{"OTEL_SERVICE_NAME": "env", "OTEL_RESOURCE_ATTRIBUTES": "team=blue,region=eu,service.version=0"},
			[]spanloom.Option{
				spanloom.WithServiceName("shop"), spanloom.WithServiceVersion("1.2.3"), spanloom.WithDeploymentEnvironment("staging"),
				spanloom.WithResourceAttributes(attribute.String("team", "red")), spanloom.WithResourceAttributes(attribute.Int("shard", 7)),
			},
			map[attribute.Key]string{
				"service.name": "shop", "service.version": "1.2.3", "deployment.environment.name": "staging",
				"team": "red", "shard": "7", "region": "eu",
			},
		},
		{
			"what is empty says nothing",
			map[string]string{"OTEL_SERVICE_NAME": "env"},
			[]spanloom.Option{spanloom.WithServiceName(""), spanloom.WithServiceVersion("2"), spanloom.WithDeploymentEnvironment("")},
			map[attribute.Key]string{"service.name": "env", "service.version": "2"},
		},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			for name, value := range tc.env {
				t.Setenv(name, value)
			}
			spans := &spantree.Recorder{}
			shutdown, err := spanloom.Init(t.Context(), append(tc.opts, spanloom.WithoutExport(), spanloom.WithSpanProcessor(spans))...)
			require.NoError(t, err)
			emit(t)
			require.NoError(t, shutdown(t.Context()))
			require.Len(t, spans.Spans(), 1)
			for key, want := range tc.want {
				got, _ := spans.Spans()[0].Resource().Set().Value(key)
				assert.Equal(t, want, got.String(), key)
			}
		})
	}
}
