// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"bytes"
	"runtime"
	"strconv"

	"github.com/petermattis/goid"
)

// goroutineID identifies the calling goroutine: the only thing that separates
// concurrent chains on one context.
var goroutineID = pickGoroutineID(goid.Get, slowGoroutineID)

// pickGoroutineID returns fast if it agrees with slow. Package goid reads the id at
// an offset that it knows for each Go release. A release that moves the field would
// give wrong trees silently. Two goroutines are asked, since a wrong field may hold
// the right number once.
func pickGoroutineID(fast, slow func() int64) func() int64 {
	agree := make(chan bool)
	go func() { agree <- fast() == slow() }()
	if there, here := <-agree, fast() == slow(); there && here {
		return fast
	}
	return slow
}

// slowGoroutineID reads "goroutine 42 [running]:", which costs about 1 µs.
func slowGoroutineID() int64 {
	var buf [64]byte
	b := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	b, _, _ = bytes.Cut(b, []byte(" "))
	id, _ := strconv.ParseInt(string(b), 10, 64)
	return id
}
