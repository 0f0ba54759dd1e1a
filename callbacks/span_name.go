// SPDX-License-Identifier: Apache-2.0

package callbacks

// spanName is a key of the handler's joined names: there are few, and joining allocates.
type spanName struct{ verb, name string }

func (n spanName) join() string { return n.verb + " " + n.name }

func (s *Span) spanName() string {
	n := spanName{kinds[s.kind].Verb, s.name}
	if s.kind == KindVectorStore {
		n = spanName{s.name, s.operation.DBCollection}
	}
	switch "" {
	case n.name:
		return n.verb
	case n.verb:
		return n.name
	}
	return s.h.names.Get(n, spanName.join)
}

// maxPath is in bytes, and but for one name more: steps may be started in one
// another's contexts without end.
const maxPath = 1024

// childPath is traceloop.entity.path of the children: the names of the
// operations below the workflow, joined by dots, the workflow left out.
func (s *Span) childPath() string {
	switch {
	case s.kind == KindWorkflow, s.parent == nil, kinds[s.kind].Traceloop == "", len(s.path) > maxPath:
		return s.path
	case s.path == "":
		return s.name
	}
	return s.path + "." + s.name
}
