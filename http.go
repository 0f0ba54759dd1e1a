// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// otlpTransport returns an error for success that is not OTLP's, where the
// exporters take every 200 for one, and masks what a backend echoes of its keys.
type otlpTransport struct {
	credentials
	*http.Transport
	isGRPC *atomic.Bool // a server has begun with a frame of HTTP/2
}

func newTransport(keys credentials, tlsConfig *tls.Config) otlpTransport {
	t := otlpTransport{keys, &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: tlsConfig, ForceAttemptHTTP2: true}, &atomic.Bool{}}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &firstRead{Conn: conn, isGRPC: t.isGRPC}, nil
	}
	return t
}

// firstRead looks at how a server begins: one of gRPC sends a SETTINGS frame at
// once and closes, and what net/http makes of that depends on the moment.
type firstRead struct {
	net.Conn
	done   bool
	isGRPC *atomic.Bool
}

func (c *firstRead) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	const settings = 4 // the type, behind three bytes of length
	if !c.done && n > 3 && b[0] == 0 && b[3] == settings {
		c.isGRPC.Store(true)
	}
	c.done = true
	return n, err
}

const looksLikeGRPC = "%s looks like gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or use the backend's port for HTTP, often 4318 (%w)"

// RoundTrip implements http.RoundTripper.
func (t otlpTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.Transport.RoundTrip(req)
	if err != nil {
		if t.isGRPC.Swap(false) {
			err = fmt.Errorf(looksLikeGRPC, req.URL.Host, err)
		}
		return nil, err
	}
	if err := t.maskBody(res); err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if strings.HasPrefix(kind, "application/grpc") {
		return nil, fmt.Errorf(looksLikeGRPC, req.URL.Host, fmt.Errorf("%s with content of type %q", res.Status, kind))
	}
	if res.StatusCode < 200 || res.StatusCode > 299 || kind == "application/x-protobuf" || kind == "application/json" {
		return res, nil
	}
	// Backends that have nothing to say send nothing, of any type.
	var first [1]byte
	_, err = io.ReadFull(res.Body, first[:])
	_ = res.Body.Close()
	if errors.Is(err, io.EOF) {
		res.Body = http.NoBody
		return res, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s, but with content of type %q, which is not OTLP: is this the URL of an OTLP receiver?", res.Status, kind)
}

// redirectError says where a backend is, instead of sending keys there.
type redirectError struct{ from, to *url.URL }

func (e redirectError) Error() string {
	return "the backend at " + e.from.Host + " redirects to " + e.to.Scheme + "://" + e.to.Host +
		", where keys are not sent unasked: set the endpoint to that URL if it is yours"
}

// stayOnHost lets http.Client follow redirects on one host alone, and never from
// TLS to none: the headers of OTLP carry keys.
func stayOnHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	samePort := req.URL.Port() == first.Port() || first.Scheme == "http" && req.URL.Scheme == "https" && first.Port()+req.URL.Port() == ""
	if req.URL.Hostname() != first.Hostname() || !samePort || first.Scheme == "https" && req.URL.Scheme != "https" || len(via) >= 5 {
		return redirectError{first, req.URL}
	}
	return nil
}
