// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// metricLabels are the attribute values that metrics and prices need.
type metricLabels struct {
	provider, model, responseModel      string
	serverAddress                       string
	serverPort                          int
	dbSystem, dbOperation, dbCollection string
}

// operation describes the Span to package metrics. s.mu must be held.
func (s *Span) operation() metrics.Operation {
	f := &s.labels
	op := metrics.Operation{
		Name: kinds[s.kind].Operation, Provider: f.provider, Model: f.model, ResponseModel: f.responseModel,
		ServerAddress: f.serverAddress, ServerPort: f.serverPort,
		DBSystem: f.dbSystem, DBOperation: f.dbOperation, DBCollection: f.dbCollection,
	}
	switch s.kind {
	case KindWorkflow, KindAgent, KindTool, KindRetrieval:
		op.Entity = s.name
	}
	if s.agent.Load() {
		op.Name, op.Entity = kinds[KindAgent].Operation, ""
	}
	return op
}

// adoptName puts the name where the kind has it.
func (s *Span) adoptName() {
	switch s.kind {
	case KindWorkflow:
		s.workflow = s.name
	case KindChat, KindEmbeddings:
		s.labels.model = s.name
	case KindVectorStore:
		s.labels.dbOperation = s.name
	}
}

// identity appends the attributes a span has by its kind and name.
func (s *Span) identity(kv []attribute.KeyValue) []attribute.KeyValue {
	info := &kinds[s.kind]
	if info.Operation != "" {
		kv = semconv.AppendString(kv, semconv.OperationName, info.Operation)
	}
	named := func(k attribute.Key, v string) {
		if v != "" {
			kv = semconv.AppendString(kv, k, v)
		}
	}
	switch s.kind {
	case KindWorkflow:
		named(semconv.WorkflowName, s.name)
	case KindAgent:
		named(semconv.AgentName, s.name)
	case KindTool:
		named(semconv.ToolName, s.name)
		if agent := s.enclosingAgent(); agent != nil && agent.kind == KindAgent {
			named(semconv.AgentName, agent.name)
		}
	case KindChat, KindEmbeddings:
		named(semconv.RequestModel, s.name)
	case KindRetrieval:
		named(semconv.DataSourceID, s.name)
	case KindVectorStore:
		named(semconv.DBOperationName, s.name)
	}
	if info.Traceloop != "" {
		named(semconv.TraceloopSpanKind, info.Traceloop)
		named(semconv.TraceloopEntityName, s.name)
		named(semconv.TraceloopEntityPath, s.path)
	}
	named(semconv.TraceloopWorkflowName, s.workflow)
	named(semconv.OpenInferenceSpanKind, info.OpenInference)
	return kv
}

// note keeps what metrics and prices need of the attributes, and returns these,
// names among them cleaned. s.mu must be held.
func (s *Span) note(kv []attribute.KeyValue) []attribute.KeyValue {
	for i := range kv {
		v := &kv[i].Value
		switch kv[i].Key {
		case semconv.ProviderName:
			kv, s.labels.provider = s.h.cleanAttribute(kv, i)
		case semconv.RequestModel:
			kv, s.labels.model = s.h.cleanAttribute(kv, i)
		case semconv.ResponseModel:
			kv, s.labels.responseModel = s.h.cleanAttribute(kv, i)
		case semconv.RetrievalDocumentCount:
			s.empty = v.AsInt64() == 0
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
			kv = cleanID(kv, i)
		case semconv.ServerAddress:
			s.labels.serverAddress = v.AsString()
		case semconv.ServerPort:
			s.labels.serverPort = int(v.AsInt64())
		case semconv.DBSystemName:
			s.labels.dbSystem = v.AsString()
		case semconv.DBOperationName:
			s.labels.dbOperation = v.AsString()
		case semconv.DBCollectionName:
			// A later one is that of a name space, which no metric may carry.
			var name string
			if kv, name = s.h.cleanAttribute(kv, i); s.span == nil {
				s.labels.dbCollection = name
			}
		}
	}
	return kv
}

// cleanAttribute cleans the name in one of the attributes, in a copy of them where
// that changes it.
func (h *Handler) cleanAttribute(kv []attribute.KeyValue, i int) ([]attribute.KeyValue, string) {
	name := kv[i].Value.AsString()
	clean := h.cleanName(name)
	if clean != name {
		kv = slices.Clone(kv)
		kv[i].Value = attribute.StringValue(clean)
	}
	return kv, clean
}

// allows applies strict mode.
func (h *Handler) allows(k attribute.Key) bool { return !h.cfg.strict || semconv.InRegistry(k) }

// allowed drops from kv, in place, what strict mode does not allow.
func (h *Handler) allowed(kv []attribute.KeyValue) []attribute.KeyValue {
	if !h.cfg.strict {
		return kv
	}
	return slices.DeleteFunc(kv, func(a attribute.KeyValue) bool { return !h.allows(a.Key) })
}

// cleanID cleans the id of a response, unless it has the letters of ids alone: each
// call has one of its own, and looking closer takes time.
func cleanID(kv []attribute.KeyValue, i int) []attribute.KeyValue {
	id := kv[i].Value.AsString()
	if len(id) <= privacy.NameLimit && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.' && r != ':'
	}) {
		return kv
	}
	kv = slices.Clone(kv)
	kv[i].Value = attribute.StringValue(privacy.CleanName(id))
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

// maxEager leaves room below OpenTelemetry's default limit of 128 attributes
// for what End sets: the SDK drops what comes last, and that is the tokens.
const maxEager = 100

// buffer is the room to put the attributes of a span together in, from Start to
// End: the SDK copies what it is given.
type buffer struct {
	kv []attribute.KeyValue
	// content comes last, after the tokens: the SDK drops what comes after its
	// limit of attributes.
	content []attribute.KeyValue
	// sent are so many at the front that the span has since its start.
	sent    int
	options [2]trace.SpanStartOption
}

var buffers sync.Pool

func getBuffer() *buffer {
	if b, ok := buffers.Get().(*buffer); ok {
		return b
	}
	return &buffer{kv: make([]attribute.KeyValue, 0, 32)}
}

// waiting are the attributes that the span does not have yet.
func (b *buffer) waiting() []attribute.KeyValue { return b.kv[b.sent:] }

// set appends, and the span lets the last of several values of a key count. Looking
// for the key each time would cost more than the rest of a call's attributes. Only a
// full buffer is compacted, so that a key set again and again does not fill it.
func (b *buffer) set(attrs ...attribute.KeyValue) {
	if len(b.kv)+len(attrs) > cap(b.kv) {
		b.compact()
		if len(b.kv) > cap(b.kv)/2 {
			b.kv = slices.Grow(b.kv, cap(b.kv))
		}
	}
	b.kv = append(b.kv, attrs...)
}

// compact keeps of a key that waits more than once the last value, in the first
// one's place, as the SDK does.
func (b *buffer) compact() {
	all := b.kv
	b.kv = all[:b.sent]
	for _, a := range all[b.sent:] {
		if i := slices.IndexFunc(b.waiting(), func(o attribute.KeyValue) bool { return o.Key == a.Key }); i >= 0 {
			b.waiting()[i] = a
		} else {
			b.kv = append(b.kv, a)
		}
	}
	clear(all[len(b.kv):])
}

// drop takes back attributes that the span does not have yet.
func (b *buffer) drop(match func(attribute.Key) bool) {
	kept := slices.DeleteFunc(b.waiting(), func(a attribute.KeyValue) bool { return match(a.Key) })
	b.kv = b.kv[:b.sent+len(kept)]
}

// release forgets the contents, which may be somebody's prompt. What is behind
// the slice's end was cleared before.
func (b *buffer) release() {
	if b == nil || cap(b.kv) > 4*maxEager {
		return
	}
	clear(b.kv)
	clear(b.content)
	clear(b.options[:])
	b.kv, b.content, b.sent = b.kv[:0], b.content[:0], 0
	buffers.Put(b)
}

func setKey(kv []attribute.KeyValue, a attribute.KeyValue) []attribute.KeyValue {
	for i := range kv {
		if kv[i].Key == a.Key {
			kv[i] = a
			return kv
		}
	}
	return append(kv, a)
}
