// SPDX-License-Identifier: Apache-2.0

package content

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/genai"
)

// Body is what the body of a request to a model's server asks for, in any of the
// protocols that package providers knows.
type Body struct {
	*genai.Request
	Model      string
	Inputs     []any // to embed: texts, or what the protocol makes of them
	Dimensions int   // of the embeddings, 0 if unknown
}

// object is one of JSON.
type object = map[string]any

// ReadBody reads a request's body, whose answer is a stream by default if streams is set.
// ok is false for what asks no model.
func ReadBody(text []byte, streams bool) (b Body, ok bool) {
	tree := decodeAll(text)
	o, _ := tree.(object)
	if o == nil {
		return b, false
	}
	b.Request = genai.NewRequest(nil)
	b.Model = stringAt(o, "model")
	for _, at := range []object{o, objectAt(o, "generationConfig", "generation_config"), objectAt(o, "options")} {
		setOptions(&b.Options, at)
		b.Dimensions = cmp.Or(b.Dimensions, int(numberAt(at, "dimensions", "output_dimension", "outputDimensionality")))
	}
	if stream, given := o["stream"].(bool); stream || !given && streams {
		b.Options.StreamingFunc = genai.Streams
	}
	b.Options.Tools = tools(listAt(o, "tools"))
	b.Messages = messages(o)
	b.Inputs = inputs(o)
	return b, len(b.Messages) > 0 || len(b.Inputs) > 0
}

// decodeAll reads JSON that may have been cut off.
func decodeAll(text []byte) any {
	s := string(text)
	tree, ok := decode(s, len(s))
	if !ok {
		if closed, open := closeJSON(s); open {
			tree, _ = decode(closed, len(closed))
		}
	}
	return tree
}

func stringAt(o object, keys ...string) string {
	for _, k := range keys {
		if s, ok := o[k].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func objectAt(o object, keys ...string) object {
	for _, k := range keys {
		if v, ok := o[k].(object); ok {
			return v
		}
	}
	return nil
}

func listAt(o object, keys ...string) []any {
	for _, k := range keys {
		if v, ok := o[k].([]any); ok {
			return v
		}
	}
	return nil
}

func numberAt(o object, keys ...string) float64 {
	for _, k := range keys {
		if n, ok := o[k].(json.Number); ok {
			f, _ := n.Float64()
			return f
		}
	}
	return 0
}

// numbers are the spellings of a call's parameters.
var numbers = func() map[string]func(*llms.CallOptions, float64) {
	maxTokens := func(o *llms.CallOptions, f float64) { o.MaxTokens = int(f) }
	topP := func(o *llms.CallOptions, f float64) { o.TopP = f }
	topK := func(o *llms.CallOptions, f float64) { o.TopK = int(f) }
	frequency := func(o *llms.CallOptions, f float64) { o.FrequencyPenalty = f }
	presence := func(o *llms.CallOptions, f float64) { o.PresencePenalty = f }
	count := func(o *llms.CallOptions, f float64) { o.N = int(f) }
	return map[string]func(*llms.CallOptions, float64){
		"temperature": func(o *llms.CallOptions, f float64) { o.Temperature = f },
		"seed":        func(o *llms.CallOptions, f float64) { o.Seed = int(f) },
		"max_tokens":  maxTokens, "max_completion_tokens": maxTokens, "max_output_tokens": maxTokens, "maxOutputTokens": maxTokens, "num_predict": maxTokens,
		"top_p": topP, "topP": topP, "p": topP, "top_k": topK, "topK": topK, "k": topK,
		"frequency_penalty": frequency, "frequencyPenalty": frequency, "presence_penalty": presence, "presencePenalty": presence,
		"n": count, "candidateCount": count,
	}
}()

func setOptions(o *llms.CallOptions, at object) {
	for key, set := range numbers {
		if n, ok := at[key].(json.Number); ok {
			f, _ := n.Float64()
			set(o, f)
		}
	}
	for _, key := range []string{"stop", "stop_sequences", "stopSequences"} {
		for _, word := range asList(at[key]) {
			if s, ok := word.(string); ok {
				o.StopWords = append(o.StopWords, s)
			}
		}
	}
	format := cmp.Or(stringAt(objectAt(at, "response_format"), "type"), stringAt(objectAt(objectAt(at, "text"), "format"), "type"),
		stringAt(at, "responseMimeType", "format"))
	o.JSONMode = o.JSONMode || strings.Contains(format, "json") || objectAt(at, "format") != nil
}

// asList takes what stands alone for a list of one.
func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// inputs are the texts to embed: of OpenAI and Ollama, of Cohere, of Gemini.
func inputs(o object) []any {
	for _, key := range []string{"input", "texts", "inputs", "requests", "content"} {
		list := asList(o[key])
		if len(list) == 0 {
			continue
		}
		if _, isToken := list[0].(json.Number); isToken {
			return []any{list}
		}
		return list
	}
	return nil
}

func messages(o object) (out []llms.MessageContent) {
	for _, key := range []string{"system", "instructions", "systemInstruction", "system_instruction", "preamble"} {
		if ps := parts(o[key]); len(ps) > 0 {
			out = append(out, llms.MessageContent{Role: llms.ChatMessageTypeSystem, Parts: ps})
		}
	}
	for _, key := range []string{"chat_history", "messages", "contents", "input"} {
		for _, m := range listAt(o, key) {
			if m, ok := m.(object); ok {
				out = append(out, messageOf(m))
			}
		}
	}
	if s := stringAt(o, "input", "prompt", "message"); s != "" {
		out = append(out, llms.TextParts(llms.ChatMessageTypeHuman, s))
	}
	return out
}

var roles = map[string]llms.ChatMessageType{
	"assistant": llms.ChatMessageTypeAI, "model": llms.ChatMessageTypeAI, "chatbot": llms.ChatMessageTypeAI, "function_call": llms.ChatMessageTypeAI,
	"reasoning": llms.ChatMessageTypeAI, "system": llms.ChatMessageTypeSystem, "developer": llms.ChatMessageTypeSystem,
	"tool": llms.ChatMessageTypeTool, "function": llms.ChatMessageTypeTool, "function_call_output": llms.ChatMessageTypeTool,
}

func messageOf(m object) llms.MessageContent {
	out := llms.MessageContent{Role: cmp.Or(roles[strings.ToLower(stringAt(m, "role", "type"))], llms.ChatMessageTypeHuman)}
	id := stringAt(m, "tool_call_id", "tool_name")
	switch {
	case id != "":
		out.Parts = []llms.ContentPart{llms.ToolCallResponse{ToolCallID: id, Content: textOf(m["content"])}}
		return out
	case m["role"] == nil: // an item of OpenAI's Responses
		out.Parts = []llms.ContentPart{partOf(m)}
		return out
	}
	for _, key := range []string{"content", "parts", "message"} {
		out.Parts = append(out.Parts, parts(m[key])...)
	}
	for _, image := range listAt(m, "images") {
		data, _ := image.(string)
		out.Parts = append(out.Parts, binaryPart("image", data))
	}
	for _, call := range listAt(m, "tool_calls") {
		call, _ := call.(object)
		out.Parts = append(out.Parts, partOf(call))
	}
	return out
}

func parts(v any) (out []llms.ContentPart) {
	for _, p := range asList(v) {
		switch p := p.(type) {
		case string:
			if p != "" {
				out = append(out, llms.TextContent{Text: p})
			}
		case object:
			if inner, ok := p["parts"]; ok {
				out = append(out, parts(inner)...)
				continue
			}
			out = append(out, partOf(p))
		}
	}
	return out
}

func partOf(p object) llms.ContentPart {
	kind := stringAt(p, "type")
	if call, ok := callOf(p); ok {
		return call
	}
	if r := objectAt(p, "functionResponse", "function_response"); r != nil {
		return llms.ToolCallResponse{ToolCallID: stringAt(r, "id", "name"), Name: stringAt(r, "name"), Content: textOf(r["response"])}
	}
	switch kind {
	case "tool_result":
		return llms.ToolCallResponse{ToolCallID: stringAt(p, "tool_use_id"), Content: textOf(p["content"])}
	case "function_call_output":
		return llms.ToolCallResponse{ToolCallID: stringAt(p, "call_id"), Content: textOf(p["output"])}
	}
	if source := objectAt(p, "source", "inlineData", "inline_data"); stringAt(source, "data") != "" {
		return binaryPart(cmp.Or(stringAt(source, "media_type", "mimeType", "mime_type"), kind), stringAt(source, "data"))
	}
	url := cmp.Or(stringAt(p, "image_url"), stringAt(objectAt(p, "image_url", "source"), "url"), stringAt(objectAt(p, "fileData", "file_data"), "fileUri", "file_uri"))
	if url != "" {
		if strings.HasPrefix(url, "data:") && strings.HasSuffix(url, ellipsis) {
			return binaryPart("image", url)
		}
		return llms.ImageURLContent{URL: url}
	}
	return llms.TextContent{Text: cmp.Or(stringAt(p, "text", "thinking", "refusal"), "["+cmp.Or(kind, "unknown")+"]")}
}

// callOf reads a tool call of any protocol.
func callOf(p object) (call llms.ToolCall, ok bool) {
	f := objectAt(p, "function", "functionCall", "function_call")
	switch {
	case f != nil:
	case stringAt(p, "type") == "tool_use", stringAt(p, "type") == "function_call":
		f = p
	default:
		return call, false
	}
	var arguments any
	for _, key := range []string{"arguments", "input", "args"} {
		if arguments = f[key]; arguments != nil {
			break
		}
	}
	return llms.ToolCall{
		ID: cmp.Or(stringAt(p, "call_id"), stringAt(p, "id"), stringAt(f, "id")), Type: function,
		FunctionCall: &llms.FunctionCall{Name: stringAt(f, "name"), Arguments: textOf(arguments)},
	}, true
}

// textOf is a text as it is, and any other value as JSON.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return marshal(v)
}

// binaryPart makes a part of base64, of which only the description is shown.
func binaryPart(mime, data string) llms.ContentPart {
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return llms.TextContent{Text: "[" + mime + "]"} // it was cut off
	}
	return llms.BinaryContent{MIMEType: mime, Data: raw}
}

// tools reads the definitions of any protocol.
func tools(list []any) (out []llms.Tool) {
	for _, t := range list {
		t, _ := t.(object)
		if declared := listAt(t, "functionDeclarations", "function_declarations"); declared != nil {
			out = append(out, tools(declared)...)
			continue
		}
		f := t
		if inner := objectAt(t, "function"); inner != nil {
			f = inner
		}
		def := &llms.FunctionDefinition{Name: stringAt(f, "name"), Description: stringAt(f, "description")}
		for _, key := range []string{"parameters", "input_schema", "parametersJsonSchema", "parameter_definitions"} {
			if schema, ok := f[key]; ok {
				def.Parameters = schema
				break
			}
		}
		out = append(out, llms.Tool{Type: cmp.Or(stringAt(t, "type"), function), Function: def})
	}
	return out
}
