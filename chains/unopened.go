// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	lcagents "github.com/tmc/langchaingo/agents"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel"
)

// remedies says for each of langchaingo's interfaces what gives a value its span.
var remedies = []struct {
	of     reflect.Type
	remedy string
}{
	{reflect.TypeFor[*lcagents.Executor](), "agents.Instrument"},
	{chainInterface, "chains.Instrument"},
	{modelInterface, "models.Wrap"},
	{retrieverInterface, "retrieval.Wrap"},
	{reflect.TypeFor[vectorstores.VectorStore](), "vectorstore.Wrap"},
	{reflect.TypeFor[lcagents.Agent](), "agents.WrapAgent"},
	{reflect.TypeFor[lctools.Tool](), "agents.WrapTool"},
}

// Memories and callback handlers make no calls that have spans.
var (
	memoryInterface  = reflect.TypeFor[schema.Memory]()
	handlerInterface = reflect.TypeFor[lccallbacks.Handler]()
)

// wrapperPackages have the wrappers. A value of theirs has its span.
var wrapperPackages = func() (paths []string) {
	here := reflect.TypeFor[chain]().PkgPath()
	for _, name := range []string{"chains", "models", "retrieval", "vectorstore", "agents"} {
		paths = append(paths, strings.TrimSuffix(here, "chains")+name)
	}
	return paths
}()

// reported has the types that were reported.
var reported sync.Map

// reportUnopened tells OpenTelemetry's error handler, once for each type, which part
// of c has no span.
func reportUnopened(c lcchains.Chain) {
	t := reflect.TypeOf(c)
	if _, done := reported.Load(t); done {
		return
	}
	s := search{budget: maxValues}
	s.parts(reflect.ValueOf(c), "")
	if s.missing == nil {
		return
	}
	if _, done := reported.LoadOrStore(t, true); !done {
		otel.Handle(fmt.Errorf("chains: Instrument does not open %v: there is no span of its part %s (%v); wrap that by %s before you build the chain",
			t, strings.TrimPrefix(s.path, "."), s.missing, s.remedy))
	}
}

// search looks for parts that ought to have a span and have none. It looks at types
// only, since values of unexported fields may not be used.
type search struct {
	budget  int  // of values to look at
	covered bool // a part with a span was found
	missing reflect.Type
	path    string
	remedy  string
}

// maxValues bounds a search.
const maxValues = 1000

// parts looks at the fields or elements of v.
func (s *search) parts(v reflect.Value, path string) {
	if s.budget < 0 {
		return
	}
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := 0; i < v.Len() && holds(v.Type().Elem()); i++ {
			s.look(v.Index(i), path+"["+strconv.Itoa(i)+"]")
		}
	case reflect.Map:
		for i := v.MapRange(); holds(v.Type().Elem()) && i.Next(); {
			s.look(i.Value(), path+"[...]")
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Anonymous && f.Type.Kind() != reflect.Interface && !hasSpan(v.Field(i)) {
				s.parts(v.Field(i), path) // its methods are those of v
			} else {
				s.look(v.Field(i), path+"."+f.Name)
			}
		}
	}
}

func (s *search) look(v reflect.Value, path string) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if s.budget--; s.budget < 0 || s.missing != nil || !v.IsValid() || !holds(v.Type()) {
		return
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return
	}
	if hasSpan(v) {
		s.covered = true
		return
	}
	remedy := remedyFor(v.Type())
	if remedy == "" {
		s.parts(v, path)
		return
	}
	// What has no span may stand around what has one.
	below := search{budget: s.budget}
	below.parts(v, path)
	own := !strings.HasPrefix(elem(v.Type()).PkgPath(), "github.com/tmc/langchaingo/")
	if !below.covered && below.budget >= 0 && (below.missing == nil || !own) {
		below.missing, below.path, below.remedy = v.Type(), path, remedy
	}
	below.covered = below.covered || s.covered
	*s = below
}

// holds reports whether a value of the type can be or have a part of a chain.
func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return !t.Implements(memoryInterface) && !t.Implements(handlerInterface)
	default:
		return t.NumMethod() > 0
	}
}

func remedyFor(t reflect.Type) string {
	for _, r := range remedies {
		if t == r.of || r.of.Kind() == reflect.Interface && t.Implements(r.of) {
			return r.remedy
		}
	}
	return ""
}

func elem(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// hasSpan reports whether v is a wrapper, or has a callback handler.
func hasSpan(v reflect.Value) bool {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return false
	}
	if slices.Contains(wrapperPackages, v.Type().PkgPath()) {
		return true
	}
	f, ok := v.Type().FieldByName("CallbacksHandler")
	return ok && len(f.Index) == 1 && !v.FieldByIndex(f.Index).IsZero()
}
