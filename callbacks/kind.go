// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// Kind is what an operation is. It decides span name, span kind, the attributes
// every span of the kind has, and the metrics that End records.
type Kind uint8

// The kinds, with the span name they give. "name" is Start's argument.
const (
	KindWorkflow   Kind = iota + 1 // a root: "invoke_workflow {name}"
	KindTask                       // a step of a workflow: "execute_task {name}"
	KindAgent                      // one run of an agent: "invoke_agent {name}"
	KindTool                       // one call of a tool: "execute_tool {name}"
	KindChat                       // one model call; name is the requested model: "chat {name}"
	KindEmbeddings                 // one embedder call; name is the model: "embeddings {name}"
	KindRetrieval                  // one retriever call; name is the source: "retrieval {name}"
	// KindVectorStore is one store call; name is the operation, and the attribute
	// db.collection.name given to Start completes the span's name: "{name} {collection}".
	KindVectorStore
)

var kinds = semconv.Kinds

// spanKindOptions are the span kinds ready for Start: making one allocates.
var spanKindOptions = func() (options [len(kinds)]trace.SpanStartOption) {
	for k := range kinds {
		options[k] = trace.WithSpanKind(kinds[k].SpanKind)
	}
	return options
}()

// valid turns a Kind that does not exist into a task, which beats a panic.
func (k Kind) valid() Kind {
	if k == 0 || int(k) >= len(kinds) {
		return KindTask
	}
	return k
}

// cleanName cleans a name made of a request's data: it shows whatever the policy is.
func (h *Handler) cleanName(name string) string { return h.clean.Get(name, privacy.CleanName) }
