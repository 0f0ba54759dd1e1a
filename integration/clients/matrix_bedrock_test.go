// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/bedrock"
)

// bedrockClient speaks the payloads of one model.
func bedrockClient(model string) func(*testing.T, string, *http.Client) llms.Model {
	return func(t *testing.T, url string, hc *http.Client) llms.Model {
		m, err := bedrock.New(bedrock.WithModel(model), bedrock.WithClient(bedrockruntime.New(bedrockruntime.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(url), HTTPClient: hc, RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		})))
		require.NoError(t, err)
		return m
	}
}

// awsEvents is a stream of binary frames, each with a chunk of the model's own
// events.
func awsEvents(chunks ...string) reply {
	var body bytes.Buffer
	for _, c := range chunks {
		payload := `{"bytes":"` + base64.StdEncoding.EncodeToString([]byte(oneLine(c))) + `","p":"abcdef"}`
		if err := eventstream.NewEncoder().Encode(&body, eventstream.Message{Payload: []byte(payload), Headers: eventstream.Headers{
			{Name: ":event-type", Value: eventstream.StringValue("chunk")},
			{Name: ":content-type", Value: eventstream.StringValue("application/json")},
			{Name: ":message-type", Value: eventstream.StringValue("event")},
		}}); err != nil {
			panic(err)
		}
	}
	return reply{header: map[string]string{"Content-Type": "application/vnd.amazon.eventstream"}, body: body.String()}
}

// counted adds the headers that Bedrock counts tokens in, beside what the body
// tells; cached ones are apart.
func counted(r reply, in, out, cached, created int) reply {
	for name, n := range map[string]int{"Input": in, "Output": out, "Cache-Read-Input": cached, "Cache-Write-Input": created} {
		if n > 0 {
			r.header["X-Amzn-Bedrock-"+name+"-Token-Count"] = strconv.Itoa(n)
		}
	}
	return r
}

// awsRefusal is a failure of a named type.
func awsRefusal(status int, kind string) reply {
	r := refusal(status, `{"message":"it says why"}`)
	r.header["X-Amzn-Errortype"] = kind + ":http://internal.amazon.com/coral/com.amazon.bedrock/"
	r.header["X-Amzn-Requestid"] = "f3070fed"
	return r
}

const (
	claude = "anthropic.claude-3-haiku-20240307-v1:0"
	nova   = "us.amazon.nova-micro-v1:0"
	titan  = "amazon.titan-text-express-v1"
	ai21   = "ai21.j2-mid-v1"
	llama  = "meta.llama3-8b-instruct-v1:0"
	coral  = "cohere.command-text-v14"
)

var (
	claudeHello = awsEvents(anthropicStart, anthropicHello[0], anthropicHello[1], anthropicHello[2], anthropicHello[3],
		`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":13}}`,
		`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":15,"outputTokenCount":13,"invocationLatency":609,"firstByteLatency":347}}`)
	claudeHel = awsEvents(anthropicStart, anthropicHello[0], anthropicHello[1])
)

const bedrockSource = "bedrock/internal/bedrockclient/"

var matrixBedrock = matrixProvider{
	name: "aws.bedrock", model: claude, hidesServer: true, client: bedrockClient(claude), ownErrors: true,
	cases: []matrixCase{
		{
			name: "plain", source: bedrockSource + "provider_anthropic.go:227",
			reply: counted(anthropicAnswer(anthropicText, "end_turn", anthropicUsage), 13, 35, 0, 0),
			want:  facts{in: 13, out: 35, finish: "stop"}, wire: anthropicWire,
		},
		{
			name: "stream", reason: "binary frames: the transport need not read them, the client tells the tokens", source: bedrockSource + "provider_anthropic.go:311",
			stream: true,
			reply:  claudeHello,
			want:   facts{in: 15, out: 13, finish: "stop"},
		},
		{
			name: "tools", source: bedrockSource + "provider_anthropic.go:239",
			options: []llms.CallOption{weather},
			reply:   counted(anthropicAnswer(anthropicText+","+anthropicTool, "tool_use", anthropicUsage), 13, 35, 0, 0),
			want:    facts{in: 13, out: 35, finish: "tool_call"}, wire: anthropicWire,
		},
		{
			name: "stream tools", reason: "the client drops the call, and hands over an empty chunk for each piece of it", source: bedrockSource + "provider_anthropic.go:326",
			stream: true, options: []llms.CallOption{weather},
			reply: awsEvents(anthropicStart, `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"getWeather","input":{}}}`,
				`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}`,
				`{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":13}}`, `{"type":"message_stop"}`),
			want: facts{in: 15, out: 13, finish: "tool_call"},
		},
		{
			name: "cached", reason: "the client does not pass cached tokens on, and the input leaves them out", source: bedrockSource + "provider_anthropic.go:227",
			reply: counted(anthropicAnswer(anthropicText, "end_turn", `"input_tokens":21,"cache_creation_input_tokens":20,"cache_read_input_tokens":1888,"output_tokens":393`), 21, 393, 1888, 20),
			want:  facts{in: 21, out: 393, finish: "stop"},
			wire:  facts{id: "msg_1", answeredBy: "claude-3-5-haiku-20241022", in: 1929, out: 393, cached: 1888, created: 20},
		},
		{
			name: "max tokens", reason: "the client makes an error of it, and the answer is lost", source: bedrockSource + "provider_anthropic.go:220",
			reply: counted(anthropicAnswer(anthropicText, "max_tokens", anthropicUsage), 13, 35, 0, 0),
			want:  facts{errorType: "_OTHER"}, wire: facts{id: "msg_1", answeredBy: "claude-3-5-haiku-20241022", in: 13, out: 35, finish: "length"},
		},
		{
			name: "nova", reason: "a choice per content item, usage and stop reason repeated; there is one answer", source: bedrockSource + "provider_nova.go:195",
			client: bedrockClient(nova),
			reply: counted(answer(`{"output":{"message":{"content":[{"text":"a"},{"text":"b"}],"role":"assistant"}},"stopReason":"end_turn",
				"usage":{"inputTokens":9,"outputTokens":21,"totalTokens":30,"cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":0}}`), 9, 21, 0, 0),
			want: facts{model: nova, in: 9, out: 21, finish: "stop"},
		},
		{
			name: "nova stream", reason: "the client has none, and says so before a request", source: bedrockSource + "provider_nova.go:160",
			client: bedrockClient(nova), stream: true, noRequest: true,
			want: facts{model: nova, errorType: "_OTHER"},
		},
		{
			name: "titan, several choices", reason: "the input is repeated, the outputs are each choice's own", source: bedrockSource + "provider_amazon.go:111",
			client: bedrockClient(titan),
			reply: counted(answer(`{"inputTextTokenCount":5,"results":[{"tokenCount":7,"outputText":"a","completionReason":"FINISH"},
				{"tokenCount":30,"outputText":"b","completionReason":"LENGTH"}]}`), 5, 37, 0, 0),
			want: facts{model: titan, in: 5, out: 37, finish: "stop length"},
		},
		{
			name: "ai21, several choices", reason: "tokens are counted by the length of lists; the id may be a number", source: bedrockSource + "provider_ai21.go:128",
			client: bedrockClient(ai21), options: []llms.CallOption{llms.WithCandidateCount(2)},
			reply: counted(answer(`{"id":1234,"prompt":{"text":"hello","tokens":[{},{},{}]},"completions":[
				{"data":{"text":"a","tokens":[{},{}]},"finishReason":{"reason":"endoftext"}},{"data":{"text":"b","tokens":[{},{},{},{}]},"finishReason":{"reason":"length","length":4}}]}`), 3, 6, 0, 0),
			want: facts{model: ai21, in: 3, out: 6, finish: "stop length"}, wire: facts{id: "1234"},
		},
		{
			name: "meta", source: bedrockSource + "provider_meta.go:92",
			client: bedrockClient(llama),
			reply:  counted(answer(`{"generation":"Hi","prompt_token_count":12,"generation_token_count":40,"stop_reason":"length"}`), 12, 40, 0, 0),
			want:   facts{model: llama, in: 12, out: 40, finish: "length"},
		},
		{
			name: "cohere", reason: "an id, but no tokens: they are in the headers alone", source: bedrockSource + "provider_cohere.go:112",
			client: bedrockClient(coral),
			reply:  counted(answer(`{"generations":[{"id":"g1","text":"Hi","finish_reason":"COMPLETE"}],"prompt":"hello"}`), 4, 2, 0, 0),
			want:   facts{model: coral, id: "g1", finish: "stop"}, wire: facts{in: 4, out: 2},
		},
		{
			name: "model of the call", source: "bedrock/bedrockllm.go:75",
			options: []llms.CallOption{llms.WithModel("anthropic.other")},
			reply:   anthropicAnswer(anthropicText, "end_turn", anthropicUsage),
			want:    facts{model: "anthropic.other", in: 13, out: 35, finish: "stop"}, wire: anthropicWire,
		},
		{
			name: "error 400", reason: "the status stands in the text and in a type of the SDK's", source: "smithy-go transport/http/response.go:30",
			reply: awsRefusal(400, "ValidationException"), want: facts{errorType: "400"},
		},
		{
			name: "error 403", source: "bedrock/testdata/TestBedrockAnthropicToolCalling.httprr",
			reply: awsRefusal(403, "AccessDeniedException"), want: facts{errorType: "403"},
		},
		{name: "error 429", source: "smithy-go transport/http/response.go:30", reply: awsRefusal(429, "ThrottlingException"), want: facts{errorType: "429"}},
		{name: "error 500", source: "smithy-go transport/http/response.go:30", reply: awsRefusal(500, "InternalServerException"), want: facts{errorType: "500"}},
		{
			name: "stream error 429", source: "smithy-go transport/http/response.go:30",
			stream: true, reply: awsRefusal(429, "ThrottlingException"), want: facts{errorType: "429"},
		},
		{name: "time-out", source: "smithy-go transport/http/client.go", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
		{name: "cancelled", source: "smithy-go transport/http/client.go", ends: context.Canceled, want: facts{errorType: "canceled"}},
		{
			name: "truncated", source: "aws-sdk-go-v2 service/bedrockruntime deserializers.go",
			racy:  "once in a thousand times the error is that of a closed connection",
			reply: reply{body: `{"id":"msg_1",`, cut: true}, partial: true, want: facts{errorType: "*smithy.DeserializationError"}, or: &facts{errorType: "poll.errNetClosing"},
		},
		{
			name: "stream truncated", reason: "between two frames the client takes the end for the end, and calls it a success", source: "aws-sdk-go-v2 service/bedrockruntime/eventstream.go:77",
			stream: true,
			reply:  claudeHel,
			want:   facts{in: 15, incomplete: true},
		},
		{
			name: "stream cut", source: "aws-sdk-go-v2 service/bedrockruntime/eventstream.go:77",
			racy:   "an error of the reader hides the chunks before it, if it is quick; once in a thousand times it is that of a closed connection",
			stream: true,
			reply:  claudeHel.thenCut(), partial: true,
			want: facts{errorType: "_OTHER"}, or: &facts{errorType: "poll.errNetClosing"},
		},
		{
			name: "stream stopped by the caller", source: bedrockSource + "provider_anthropic.go:327",
			stream: true, first: failing,
			reply: claudeHello, partial: true, want: facts{errorType: "clients_test.enough"},
		},
		{
			name: "stream cancelled", source: "aws-sdk-go-v2 service/bedrockruntime/eventstream.go:77",
			racy:   "once in a thousand times the error is that of a closed connection; the context knows better",
			stream: true, first: cancelling, ends: context.Canceled,
			reply: claudeHel.thenHold(), partial: true, want: facts{errorType: "canceled"},
		},
	},
}
