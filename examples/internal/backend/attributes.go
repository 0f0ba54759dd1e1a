// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"fmt"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
)

type attributed interface {
	GetAttributes() []*commonpb.KeyValue
}

// Attribute returns an attribute of a span, or a label, as text; ok is false if
// it is not there.
func Attribute(of attributed, key string) (value string, ok bool) {
	for _, a := range of.GetAttributes() {
		if a.GetKey() != key {
			continue
		}
		switch v := a.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			return v.StringValue, true
		case *commonpb.AnyValue_IntValue:
			return fmt.Sprint(v.IntValue), true
		case *commonpb.AnyValue_DoubleValue:
			return fmt.Sprint(v.DoubleValue), true
		}
		return a.GetValue().String(), true
	}
	return "", false
}

func carries(p attributed, labels []string) bool {
	for i := 0; i+1 < len(labels); i += 2 {
		got, ok := Attribute(p, labels[i])
		if !ok || labels[i+1] != "*" && got != labels[i+1] {
			return false
		}
	}
	return true
}
