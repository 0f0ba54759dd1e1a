// SPDX-License-Identifier: Apache-2.0

package semconv

import "go.opentelemetry.io/otel/attribute"

// The functions below append one attribute. They are not inlined: they stand in
// many places on the path of every call, an attribute is seven words, and to fetch
// many copies of the code takes longer than to call one.

// AppendString appends k with a string.
//
//go:noinline
func AppendString(kv []attribute.KeyValue, k attribute.Key, v string) []attribute.KeyValue {
	return append(kv, k.String(v))
}

// AppendInt appends k with an integer.
//
//go:noinline
func AppendInt(kv []attribute.KeyValue, k attribute.Key, v int) []attribute.KeyValue {
	return append(kv, k.Int(v))
}

// AppendFloat appends k with a floating-point number.
//
//go:noinline
func AppendFloat(kv []attribute.KeyValue, k attribute.Key, v float64) []attribute.KeyValue {
	return append(kv, k.Float64(v))
}
