// SPDX-License-Identifier: Apache-2.0

package agents

import (
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/callbacks"
)

// planned has the actions that the last plan of a running agent asked for, until its
// span is collected: a tool is told its input, and not which call of the model it is.
var planned sync.Map // of weak.Pointer[callbacks.Span] to *actions

type actions struct {
	mu   sync.Mutex
	left []schema.AgentAction
}

// plan keeps the actions of an agent's plan for the tools that are called next.
func plan(agent *callbacks.Span, list []schema.AgentAction) {
	if agent == nil || !slices.ContainsFunc(list, func(a schema.AgentAction) bool { return a.ToolID != "" }) {
		return
	}
	key := weak.Make(agent)
	value, known := planned.LoadOrStore(key, new(actions))
	if !known {
		runtime.AddCleanup(agent, func(key weak.Pointer[callbacks.Span]) { planned.Delete(key) }, key)
	}
	if a, ok := value.(*actions); ok {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.left = slices.Clone(list)
	}
}

// toolCallID takes the first action that this call can be, and returns the model's id
// of it, or "".
func toolCallID(agent *callbacks.Span, tool, input string) string {
	if agent == nil {
		return ""
	}
	value, _ := planned.Load(weak.Make(agent))
	a, ok := value.(*actions)
	if !ok {
		return ""
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.left, func(a schema.AgentAction) bool { return a.Tool == tool && a.ToolInput == input })
	if i < 0 {
		return ""
	}
	id := a.left[i].ToolID
	a.left = slices.Delete(a.left, i, i+1)
	return id
}
