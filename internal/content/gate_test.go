// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/privacy"
)

func TestCut(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 0, "abc"},
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"مرحبا", 5, "مرحبا"},
		{"مرحبا", 4, "مرح…"},
		{"ab", 1, "…"},
		{"", 1, ""},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, Cut(tt.in, tt.limit), "Cut(%q, %d)", tt.in, tt.limit)
	}
}

func FuzzCut(f *testing.F) {
	f.Add("مرحبا", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := Cut(s, limit)
		if limit > 0 && utf8.RuneCountInString(got) > limit {
			t.Errorf("Cut(%q, %d) = %q", s, limit, got)
		}
		if again := Cut(got, limit); again != got {
			t.Errorf("Cut(%q, %d) = %q, and again %q", s, limit, got, again)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("Cut(%q, %d) = %q is not valid", s, limit, got)
		}
	})
}

func TestLimitsComeBeforeThePolicy(t *testing.T) {
	huge := strings.Repeat("ب", 10<<20)
	seen := 0
	policy := privacy.Policy(func(_, s string) string {
		seen = utf8.RuneCountInString(s)
		return s
	})
	got := Apply(policy, "", huge, 100)
	assert.Equal(t, 100, utf8.RuneCountInString(got))
	assert.True(t, strings.HasSuffix(got, "ب…"))
	assert.LessOrEqual(t, seen, 100+lookAhead)
	assert.NotEqual(t, Apply(privacy.Hash, "", huge, 100), Apply(privacy.Hash, "", huge[2:], 100), "Hash reads all, or equal beginnings would be equal texts")

	n := testing.AllocsPerRun(10, func() { Apply(privacy.Verbatim, "", huge, 8192) })
	assert.LessOrEqual(t, n, 3.0)
}

// A limit that cuts a secret in two must not make half of it readable.
func TestSecretsAtTheLimitAreWhole(t *testing.T) {
	const card, mail, key = "4111 1111 1111 1111", "ann.smith@example.com", "sk-proj-abcdefghijkl0123456789"
	for _, secret := range []string{card, mail, key} {
		for limit := 20; limit < 90; limit++ {
			for _, tail := range []string{"", " and more of it" + strings.Repeat(" words", 200)} {
				text := strings.Repeat("x ", 20) + secret + tail
				got := Apply(privacy.Redact, "", text, limit)
				assert.NotContains(t, got, secret[:6], "%d", limit)
				assert.LessOrEqual(t, utf8.RuneCountInString(got), limit)
			}
		}
	}
	// Placeholders are shorter than what they stand for: the end of what the
	// policy saw moves in front of the limit.
	text := strings.Repeat(key+" ", 40) + card
	for limit := 100; limit < len(text); limit++ {
		got := Apply(privacy.Redact, "", text, limit)
		assert.NotContains(t, got, "sk-p")
		assert.NotContains(t, got, "4111")
	}
}

func TestAnAttributeIsBounded(t *testing.T) {
	page := strings.Repeat("page \"one\"\n\x01 صفحة ", 500)
	messages := make([]llms.MessageContent, 4000)
	docs := make([]schema.Document, 4000)
	tools := make([]llms.Tool, 4000)
	entries := map[string]any{}
	deep := any("bottom")
	for i := range messages {
		messages[i] = llms.TextParts(llms.ChatMessageTypeHuman, fmt.Sprint(i, page))
		docs[i] = schema.Document{PageContent: page, Metadata: map[string]any{"n": i, "s": page}}
		tools[i] = llms.Tool{Type: "function", Function: &llms.FunctionDefinition{Name: "t", Description: page}}
		entries[fmt.Sprint("k", i)] = []any{i, page, map[string]any{"x": page}}
	}
	for range 200 {
		deep = []any{deep, page}
	}
	many := make([]int, 1_000_000)
	text := marshal(map[string]any{"many": many, "docs": docs[:100]})
	res := &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: page}, {Content: page, ToolCalls: make([]llms.ToolCall, 9000)}}}
	for name, render := range map[string]func(*Gate) string{
		"messages":  func(g *Gate) string { return InputMessages(messages, g) },
		"answers":   func(g *Gate) string { return OutputMessages(res, g) },
		"documents": func(g *Gate) string { return Documents(docs, g) },
		"tools":     func(g *Gate) string { return ToolDefinitions(tools, g) },
		"a map":     func(g *Gate) string { return Text(entries, g) },
		"a list":    func(g *Gate) string { return Text(many, g) },
		"nested":    func(g *Gate) string { return Text(deep, g) },
		"JSON":      func(g *Gate) string { return Arguments(text, g) },
		"structs":   func(g *Gate) string { return Text(docs, g) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, policy := range []privacy.Policy{privacy.Verbatim, privacy.Redact, privacy.Hash} {
				for _, limit := range []int{4 << 10, 64 << 10, 256 << 10} {
					got := render(NewGate(policy, Limits{Runes: 8192, Bytes: limit}))
					assert.LessOrEqual(t, len(got), limit)
					assert.True(t, json.Valid([]byte(got)), "%.200s … %s", got, got[max(0, len(got)-200):])
					assert.True(t, strings.Contains(got, " cut]") || strings.Contains(got, ellipsis), "what is cut says so")
				}
			}
		})
	}
	g := NewGate(privacy.Verbatim, standard)
	got := InputMessages(messages, g)
	assert.Contains(t, got, "earlier messages were cut]")
	assert.Contains(t, got, "3999page", "the newest message holds the question")
	assert.Greater(t, len(got), standard.Bytes*8/10, "the room is used")
}

func TestAPolicySeesNames(t *testing.T) {
	for _, v := range []any{
		map[string]any{"password": "hunter2x"},
		map[string]any{"password": []string{"hunter2x"}},
		map[string]any{"password": map[string]any{"value": "hunter2x", "deep": []any{map[string]any{"x": "hunter2x"}}}},
		map[string]any{"name": "password", "value": "hunter2x"},
		[]any{map[string]any{"key": "DB_PASSWORD", "value": "hunter2x"}},
		map[string]string{"api_key": "hunter2x"},
		struct {
			Password string `json:"password"`
		}{"hunter2x"},
		struct{ APIKey string }{"hunter2x"},
		&struct{ Login map[string]any }{map[string]any{"password": 12345678}},
		json.RawMessage(`{"clientSecret":"hunter2x"}`),
		map[string]any{"headers": map[string][]string{"Authorization": {"hunter2x"}}},
		map[string]any{"password": map[string]any{"hunter2x": 1}},
		map[string]any{"args": []string{"login", "--password", "hunter2x"}},
		[]any{"curl", "-u", "ann:hunter2x"},
		struct {
			Name  namedString
			Value string
		}{"password", "hunter2x"},
		struct {
			Name  *string
			Value string
		}{pointerTo("password"), "hunter2x"},
		&struct{ Login maskedLogin }{maskedLogin{"hunter2x"}},
		[]maskedLogin{{"hunter2x"}},
	} {
		got := Text(v, redacting())
		assert.NotContains(t, got, "hunter2x", "%+v", v)
		assert.NotContains(t, got, "12345678", "%+v", v)
		assert.True(t, json.Valid([]byte(got)))
	}
	names := map[string]string{}
	Text(map[string]any{"a": map[string]any{"b": []any{"x"}}, "password": map[string]any{"c": "y"}}, NewGate(func(name, s string) string {
		names[s] = name
		return s
	}, standard))
	assert.Equal(t, map[string]string{"x": "b", "c": "password", "y": "password"}, names)

	call := llms.ToolCall{ID: "c", FunctionCall: &llms.FunctionCall{Name: "login", Arguments: `{"user":"ann","password":"hunter2x"}`}}
	got := InputMessages([]llms.MessageContent{{Role: llms.ChatMessageTypeAI, Parts: []llms.ContentPart{
		call, llms.ToolCallResponse{Content: `{"secret":"hunter2x"}`},
	}}}, redacting())
	assert.NotContains(t, got, "hunter2x")
	assert.Contains(t, got, `"user":"ann"`)
	got = Documents([]schema.Document{{PageContent: "x", Metadata: map[string]any{"password": "hunter2x"}}}, redacting())
	assert.NotContains(t, got, "hunter2x")
}

type namedString string

func pointerTo[T any](v T) *T { return &v }

// maskedLogin masks itself, but only a pointer to it can.
type maskedLogin struct{ Secret string }

func (*maskedLogin) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }

type selfEmbedded struct {
	*selfEmbedded
	Name string
}

type ownByte byte

type hidden struct{ Shown string }

// Values of a program may be anything, and reading them ends, is bounded, and never
// panics.
func TestValuesOfAnyShape(t *testing.T) {
	self := &selfEmbedded{Name: "n"}
	self.selfEmbedded = self
	assert.Contains(t, Text(self, verbatim()), `"Name":"n"`)
	assert.Contains(t, Text([4]ownByte{1, 2}, verbatim()), `"size":4`)
	assert.JSONEq(t, `{"Shown":"x"}`, Text(struct{ hidden }{hidden{"x"}}, verbatim()), "as encoding/json shows it")
	assert.JSONEq(t, `{"1":"a","b":true}`, Text(map[any]any{1: "a", "b": true}, verbatim()))

	many := map[string]int{}
	for i := range 20_000 {
		many[fmt.Sprintf("user%d@example.com", i)] = i
	}
	got := Text(many, redacting()) // takes minutes if numbering the keys is not linear
	assert.Contains(t, got, `"[EMAIL] (2)"`)
	huge := map[int]int{}
	for i := range maxEntries + 1 {
		huge[i] = i
	}
	assert.JSONEq(t, `{"…":"[50001 more were cut]"}`, Text(huge, verbatim()))
	Arguments(strings.Repeat("data:image/png,x ", 500)+strings.Repeat("<", 10<<20), verbatim()) // minutes if each reads to the end

	nan, none := make([]float64, 300_000), make([]*int, 300_000)
	for i := range nan {
		nan[i] = math.NaN()
	}
	for name, v := range map[string]any{
		"NaN": nan, "nil pointers": none, "channels": make([]chan int, 300_000), "nil bytes": make([][]byte, 300_000),
		"separators": strings.Repeat("\u2028", 300_000), "empty parts": []llms.MessageContent{{Parts: make([]llms.ContentPart, 300_000)}},
		"messages": make([]llms.MessageContent, 300_000),
	} {
		for _, limit := range []int{4 << 10, 256 << 10} {
			got := Text([]any{v}, NewGate(privacy.Verbatim, Limits{Bytes: limit}))
			assert.LessOrEqual(t, len(got), limit, name)
			assert.True(t, json.Valid([]byte(got)), name)
		}
	}
}

func TestCutJSONStaysJSON(t *testing.T) {
	const whole = `{"a":[1,2,{"b":"text","c":4111111111111111}],"password":["hunter2x"],"z":true}`
	for limit := range len(whole) {
		tree, ok := decode(whole, limit)
		if ok {
			got := marshal(tree)
			assert.True(t, json.Valid([]byte(got)))
			assert.NotRegexp(t, `"c":4111111111?1?1?1?1?1?[,}]`, got, "half a number passes for a whole one")
		}
	}
	for _, bad := range []string{"", "{", `{"a":}`, `{"a":1} x`, "[1,]", "nul"} {
		_, ok := decode(bad, 1<<20)
		assert.False(t, ok, bad)
	}
	_, err := decode(strings.Repeat("[", 1<<20), 1<<21)
	require.False(t, err)
}
