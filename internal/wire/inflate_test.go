// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"compress/gzip"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// synctest fails a test that leaves a goroutine.
func TestCloseEndsTheDecoder(t *testing.T) {
	z := encode(t, []byte(shapes[0].body))["gzip"]
	deflated := encode(t, []byte(shapes[0].body))["deflate"]
	tests := map[string]func(*Parser){
		"nothing was written": func(*Parser) {},
		"in the header":       func(p *Parser) { p.Write(z[:5]) },
		"in the middle":       func(p *Parser) { p.Write(z[:100]) },
		"at the end":          func(p *Parser) { p.Write(z) },
		"corrupt":             func(p *Parser) { p.Write(bytes.Repeat([]byte("x"), 100)) },
		"twice":               func(p *Parser) { p.Write(z); p.Close() },
		"the limit":           func(p *Parser) { p.budget = 1; p.Write(z) },
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(*testing.T) {
				p := NewParser(typeJSON, "gzip")
				f(p)
				p.Close()
			})
		})
	}
	t.Run("zlib knows its end", func(t *testing.T) {
		synctest.Test(t, func(*testing.T) {
			p := NewParser(typeJSON, "deflate")
			p.Write(deflated)
		})
	})
	t.Run("no JSON", func(t *testing.T) {
		z := encode(t, []byte("{nope"))["gzip"]
		synctest.Test(t, func(*testing.T) {
			p := NewParser(typeJSON, "gzip")
			p.Write(z)
		})
	})
}

func TestAbandonedDecoder(t *testing.T) {
	z := encode(t, []byte(shapes[0].body))["gzip"]
	before := runtime.NumGoroutine()
	for range 20 {
		NewParser(typeJSON, "gzip").Write(z[:100])
	}
	// Eventually of testify has goroutines of its own.
	for start := time.Now(); runtime.NumGoroutine() > before; runtime.GC() {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%d goroutines are left", runtime.NumGoroutine()-before)
		}
	}
}

func TestConcurrentUse(*testing.T) {
	p := NewParser(typeJSON, "gzip")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			p.Write([]byte("\x1f\x8b\x08\x00"))
		}
	}()
	for range 100 {
		_, _ = p.Response(), p.Version()
	}
	p.Close()
	<-done
}

// A body may be read and closed under different thread locks.
func TestLockedThread(t *testing.T) {
	z := encode(t, []byte(shapes[0].body))["gzip"]
	p := NewParser(typeJSON, "gzip")
	p.Write(z[:100])
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p.Write(z[100:])
	p.Close()
	assert.Equal(t, shapes[0].want.ID, p.Response().ID)
}

func TestMembers(t *testing.T) {
	var z bytes.Buffer
	for _, s := range []string{`{"id":`, ``, `"x"}`} {
		w := gzip.NewWriter(&z)
		_, err := w.Write([]byte(s))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	assert.Equal(t, "x", parse(typeJSON, "gzip", [][]byte{z.Bytes()}).ID)
	assert.Equal(t, "x", parse(typeJSON, "gzip", bytewise(z.Bytes())).ID)
}
