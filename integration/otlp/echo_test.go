// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/internal/testenv"
)

const secretKey = "s3cr3t/key+value0123456789"

// said gathers all that a program without a logger of its own would print.
func said(t *testing.T) *testenv.Log {
	var log testenv.Log
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { fmt.Fprintln(&log, err) }))
	t.Cleanup(func() { otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) })
	return &log
}

func exportOnce(t *testing.T, log *testenv.Log, opts ...spanloom.Option) string {
	opts = append(opts, spanloom.WithLogger(slog.New(slog.NewTextHandler(log, nil))), spanloom.WithoutBatching())
	shutdown, err := spanloom.Init(t.Context(), opts...)
	require.NoError(t, err)
	emit(t)
	err = shutdown(t.Context())
	return fmt.Sprint(err) + log.String()
}

// Backends echo keys in answers, and the exporters put these into errors.
func TestEchoedKeysAreMasked(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("pk-lf-user0000:" + secretKey))
	partial, err := proto.Marshal(&collectortrace.ExportTraceServiceResponse{PartialSuccess: &collectortrace.ExportTracePartialSuccess{
		RejectedSpans: 1, ErrorMessage: "not for key " + secretKey,
	}})
	require.NoError(t, err)
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"401": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"message":"no such key: %s, %s, %s"}`, secretKey, strings.ReplaceAll(secretKey, "/", `\/`), r.Header.Get("Authorization"))
		},
		"400 with the decoded password": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, "user pk-lf-user0000 with password "+secretKey)
		},
		"partial success": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-protobuf")
			_, _ = w.Write(partial)
		},
		"503 that breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, secretKey)
		},
		"JSON, HTML and URL": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, "%q %s %s", secretKey, strings.ToLower(url.QueryEscape(secretKey)), url.PathEscape(secretKey))
		},
		"a content type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/"+secretKey)
			fmt.Fprint(w, "hello")
		},
		"a page": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, secretKey) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(answer))
			t.Cleanup(server.Close)
			log := said(t)
			got := exportOnce(t, log, spanloom.WithEndpoint(server.URL), spanloom.WithHeaders(map[string]string{
				"x-api-key": secretKey, "Authorization": "Basic " + basic,
			}))
			assert.NotContains(t, got, "s3cr3t")
			assert.NotContains(t, got, "pk-lf-user0000")
			assert.NotContains(t, got, basic)
			if name == "503 that breaks off" {
				assert.Contains(t, got, "400 Bad Request", "the status says what is wrong")
			}
			if name != "a page" && name != "a content type" {
				assert.Contains(t, got, "*****", "what was wrong is told all the same")
			}
		})
	}
}

type echoing struct {
	collectortrace.UnimplementedTraceServiceServer
	partial bool
}

func (e echoing) Export(ctx context.Context, _ *collectortrace.ExportTraceServiceRequest) (*collectortrace.ExportTraceServiceResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	message := "no such key: " + strings.Join(md.Get("x-api-key"), ",")
	if e.partial {
		return &collectortrace.ExportTraceServiceResponse{PartialSuccess: &collectortrace.ExportTracePartialSuccess{RejectedSpans: 1, ErrorMessage: message}}, nil
	}
	return nil, status.Error(codes.Unauthenticated, message)
}

func TestEchoedKeysAreMaskedOverGRPC(t *testing.T) {
	for _, partial := range []bool{false, true} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s := grpc.NewServer()
		collectortrace.RegisterTraceServiceServer(s, echoing{partial: partial})
		collectormetrics.RegisterMetricsServiceServer(s, collectormetrics.UnimplementedMetricsServiceServer{})
		go func() { _ = s.Serve(l) }()
		t.Cleanup(s.Stop)
		log := said(t)
		got := exportOnce(t, log, spanloom.WithEndpoint("grpc://"+l.Addr().String()), spanloom.WithHeaders(map[string]string{"x-api-key": secretKey}))
		assert.NotContains(t, got, "s3cr3t")
		assert.Contains(t, got, "no such key: *****")
	}
}

// A redirect to another host would carry the keys there.
func TestNoRedirectToAnotherHost(t *testing.T) {
	var reached atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(other.Close)
	elsewhere := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
	otherPort := other.URL
	for _, code := range []int{http.StatusTemporaryRedirect, http.StatusFound} {
		server := httptest.NewServer(http.RedirectHandler(otherPort+"/v1/traces?key="+url.QueryEscape(secretKey), code))
		t.Cleanup(server.Close)
		got := exportOnce(t, said(t), spanloom.WithEndpoint(server.URL), spanloom.WithHeaders(map[string]string{"Authorization": "Api-Token  " + secretKey}))
		assert.Contains(t, got, "redirects to "+otherPort)
		assert.NotContains(t, got, "s3cr3t")
	}
	for _, code := range []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect, http.StatusFound} {
		server := httptest.NewServer(http.RedirectHandler(elsewhere+"/v1/traces", code))
		t.Cleanup(server.Close)
		got := exportOnce(t, said(t), spanloom.WithEndpoint(server.URL), spanloom.WithHeaders(map[string]string{"x-api-key": secretKey}))
		assert.Contains(t, got, "redirects to "+elsewhere)
		assert.NotContains(t, got, "s3cr3t")
	}
	assert.Zero(t, reached.Load())

	var moved atomic.Int64
	same := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/otel/") {
			http.Redirect(w, r, "/otel"+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		moved.Add(1)
	}))
	t.Cleanup(same.Close)
	got := exportOnce(t, said(t), spanloom.WithEndpoint(same.URL))
	assert.Equal(t, "<nil>", got)
	assert.Positive(t, moved.Load(), "a redirect on the same host is followed")
}
