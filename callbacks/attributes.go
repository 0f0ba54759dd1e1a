// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// adoptName puts kind and name where metrics have them.
func (s *Span) adoptName() {
	s.operation.Name = kinds[s.kind].Operation
	if agent := s.enclosingAgent(); s.kind == KindTool && agent != nil && agent.kind == KindAgent {
		s.operation.Agent = agent.name
	}
	switch s.kind {
	case KindWorkflow:
		s.workflow, s.operation.Entity = s.name, s.name
	case KindTask, KindAgent, KindTool, KindRetrieval:
		s.operation.Entity = s.name
	case KindChat, KindEmbeddings:
		s.operation.Model = s.name
	case KindVectorStore:
		s.operation.DBOperation = s.name
	}
}

// identity appends the attributes a span has by its kind and name.
func (s *Span) identity(kv []attribute.KeyValue) []attribute.KeyValue {
	info := &kinds[s.kind]
	add := func(k attribute.Key, v string) {
		if k != "" && v != "" {
			kv = semconv.AppendString(kv, k, v)
		}
	}
	add(semconv.OperationName, info.Operation)
	add(info.NameKey, s.name)
	add(semconv.AgentName, s.operation.Agent)
	if info.Traceloop != "" {
		add(semconv.TraceloopSpanKind, info.Traceloop)
		add(semconv.TraceloopEntityName, s.name)
		add(semconv.TraceloopEntityPath, s.path)
	}
	add(semconv.TraceloopWorkflowName, s.workflow)
	add(semconv.OpenInferenceSpanKind, info.OpenInference)
	return kv
}

// note keeps what metrics and prices need of the attributes, and returns these,
// names among them cleaned. s.mu must be held.
func (s *Span) note(kv []attribute.KeyValue) []attribute.KeyValue {
	op := &s.operation
	for i := range kv {
		v := &kv[i].Value
		switch kv[i].Key {
		case semconv.ProviderName:
			kv, op.Provider = s.h.cleanAttribute(kv, i)
		case semconv.RequestModel:
			kv, op.Model = s.h.cleanAttribute(kv, i)
		case semconv.ResponseModel:
			kv, op.ResponseModel = s.h.cleanAttribute(kv, i)
		case semconv.RetrievalDocumentCount:
			s.empty = v.AsInt64() == 0
		case semconv.RetrievalBestScore:
			// Stores without scores leave 0.
			s.bestScore = float32(v.AsFloat64())
			s.hasScore = s.bestScore != 0
		case semconv.ResponseFinishReasons:
			s.finish = *v
		case semconv.HTTPResponseStatusCode:
			// Elsewhere a status is the user's, and may be no fault.
			if s.kind == KindChat || s.kind == KindEmbeddings {
				s.ensureRequests().last.Status = int(v.AsInt64())
			}
		case semconv.ErrorCode:
			kv, s.ensureRequests().last.Code = s.h.cleanAttribute(kv, i)
		case semconv.ResponseID:
			// Each call has an id of its own, and looking closer takes time.
			if id := v.AsString(); len(id) > privacy.NameLimit || strings.TrimLeft(id, plain) != "" {
				kv = withString(kv, i, privacy.CleanName(id))
			}
		case semconv.ToolType:
			op.ToolType = v.AsString()
		case semconv.ServerAddress:
			op.ServerAddress = v.AsString()
		case semconv.ServerPort:
			op.ServerPort = int(v.AsInt64())
		case semconv.DBSystemName:
			op.DBSystem = v.AsString()
		case semconv.DBOperationName:
			op.DBOperation = v.AsString()
		case semconv.DBCollectionName:
			// A later one is that of a name space, which no metric may carry.
			var name string
			if kv, name = s.h.cleanAttribute(kv, i); s.span == nil {
				op.DBCollection = name
			}
		}
	}
	return kv
}

// plain are letters that identifiers have, and no e-mail address.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"

// cleanAttribute cleans the name in one of the attributes.
func (h *Handler) cleanAttribute(kv []attribute.KeyValue, i int) ([]attribute.KeyValue, string) {
	name := h.cleanName(kv[i].Value.AsString())
	return withString(kv, i, name), name
}

// withString returns kv with another text in one of its attributes. The caller's
// slice stays as it is.
func withString(kv []attribute.KeyValue, i int, text string) []attribute.KeyValue {
	if kv[i].Value.AsString() != text {
		kv = slices.Clone(kv)
		kv[i].Value = attribute.StringValue(text)
	}
	return kv
}

// allowed drops from kv, in place, what strict mode does not allow.
func (h *Handler) allowed(kv []attribute.KeyValue) []attribute.KeyValue {
	if h.cfg.strict {
		kv = slices.DeleteFunc(kv, func(a attribute.KeyValue) bool { return !semconv.InRegistry(a.Key) })
	}
	return kv
}

func appendAssociation(kv []attribute.KeyValue, kind Kind, props []attribute.KeyValue) []attribute.KeyValue {
	for _, p := range props {
		name := string(p.Key)
		switch p.Key {
		case semconv.SessionID:
			kv = append(kv, p)
			if kind == KindChat || kind == KindAgent {
				kv = append(kv, attribute.KeyValue{Key: semconv.ConversationID, Value: p.Value})
			}
			name = "session_id"
		case semconv.UserID:
			kv = append(kv, p)
			name = "user_id"
		}
		kv = append(kv, attribute.KeyValue{Key: attribute.Key(semconv.AssociationPrefix + name), Value: p.Value})
	}
	return kv
}

// Of OpenTelemetry's default limit of 128 attributes, Start takes maxEager at most. The
// rest is left to what End sets: the SDK drops what comes last, and that is the tokens.
const (
	maxEager = 100
	maxLate  = 128 - maxEager
)

// buffer holds the attributes that the span does not have yet, from Start to End. The
// SDK copies what it is given.
type buffer struct {
	kv []attribute.KeyValue
	// content comes last, after the tokens: the SDK drops what comes after its
	// limit of attributes.
	content []attribute.KeyValue
	options [2]trace.SpanStartOption
}

var buffers = sync.Pool{New: func() any { return &buffer{kv: make([]attribute.KeyValue, 0, 32)} }}

func getBuffer() *buffer { return buffers.Get().(*buffer) } //nolint:forcetypeassert // the pool holds nothing else

// ensureBuffer returns s.buf, made where there is none. s.mu must be held.
func (s *Span) ensureBuffer() *buffer {
	if s.buf == nil {
		s.buf = getBuffer()
	}
	return s.buf
}

// set appends, and the span lets the last of several values of a key count. Looking for
// the key each time would cost more than the rest of a call's attributes. Only a full
// buffer keeps the last values alone, in the first ones' places, as the SDK does.
func (b *buffer) set(attrs ...attribute.KeyValue) {
	if len(b.kv)+len(attrs) > cap(b.kv) {
		kept := b.kv[:0]
		for _, a := range b.kv {
			kept = setKey(kept, a)
		}
		clear(b.kv[len(kept):])
		b.kv = kept
		if len(b.kv) > cap(b.kv)/2 {
			b.kv = slices.Grow(b.kv, cap(b.kv))
		}
	}
	b.kv = append(b.kv, attrs...)
}

// drop takes back attributes.
func (b *buffer) drop(match func(attribute.Key) bool) {
	b.kv = slices.DeleteFunc(b.kv, func(a attribute.KeyValue) bool { return match(a.Key) })
}

// release forgets the contents, which may be somebody's prompt. What is behind
// the slice's end was cleared before.
func (b *buffer) release() {
	if cap(b.kv) > 4*maxEager {
		return
	}
	clear(b.kv)
	clear(b.content)
	*b = buffer{kv: b.kv[:0], content: b.content[:0]}
	buffers.Put(b)
}

func setKey(kv []attribute.KeyValue, a attribute.KeyValue) []attribute.KeyValue {
	if i := slices.IndexFunc(kv, func(b attribute.KeyValue) bool { return a.Key == b.Key }); i >= 0 {
		kv[i] = a
		return kv
	}
	return append(kv, a)
}
