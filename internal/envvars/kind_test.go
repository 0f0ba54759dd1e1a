// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShown(t *testing.T) {
	variable := map[string]Variable{}
	for _, v := range All {
		variable[v.Name] = v
	}
	const endpoint, resource = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_RESOURCE_ATTRIBUTES"
	for _, tc := range []struct{ name, value, want string }{
		{endpoint, "http://localhost:4318", "http://localhost:4318"},
		{endpoint, "https://h.test/a%20b/", "https://h.test/a%20b/"},
		{endpoint, "https://bob:hunter2@h.test/x", "https://…@h.test/x"},
		{endpoint, "https://hunter2@h.test", "https://…@h.test"},
		{endpoint, "https://h.test/x?api_key=hunter2#hunter2", "https://h.test/x?…#…"},
		{endpoint, "ftp://bob:hunter2@h.test/x", "ftp://…@h.test/x"},
		{endpoint, "bob:hunter2@h.test:4318", "…@h.test:4318"},
		{endpoint, "h.test/x?api_key=hunter2", "h.test/x?…"},
		{endpoint, "http://bob:hun?ter2@h.test", "http://…@h.test"},
		{endpoint, "http://bob:hunter2%zz@h.test", "http://…@h.test"},
		{endpoint, "localhost:4318", "localhost:4318"},
		{endpoint, "127.0.0.1:4318", "127.0.0.1:4318"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "h?hunter2", "h?…"},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "h?hunter2", "h?…"},
		{"TRACELOOP_BASE_URL", "grpc://hunter2@h.test", "grpc://…@h.test"},
		{resource, "a=b,c=d", "a=b,c=d"},
		{resource, "a=b, token=hunter2,db.password=hunter2,x-api-key=hunter2", "a=b, token=…,db.password=…,x-api-key=…"},
		{resource, "home=https://bob:hunter2@h.test", "home=https://…@h.test"},
		{resource, "nothing", "nothing"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=hunter2", Hidden},
		{"TRACELOOP_API_KEY", "hunter2", Hidden},
		{"OTEL_SERVICE_NAME", "shop@home?", "shop@home?"},
	} {
		v := variable[tc.name]
		assert.Equal(t, tc.want, v.Shown(tc.value), tc.name)
		if err := v.Check(tc.value); err != nil {
			assert.NotContains(t, err.Error(), "hunter2")
			assert.Contains(t, err.Error(), tc.want)
		}
	}
}

// A key may stand where the name of its file belongs.
func TestTLSErrorsShowNoKey(t *testing.T) {
	for _, name := range []string{"CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"} {
		_, err := env(map[string]string{"OTEL_EXPORTER_OTLP_" + name: "-----BEGIN hunter2"}).TLS("TRACES")
		assert.ErrorContains(t, err, name)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}
