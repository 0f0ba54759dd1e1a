// SPDX-License-Identifier: Apache-2.0

package providers

// llamafile answers as llama.cpp's own server does.
var _ = register(Provider{
	Name:    "llamafile",
	Clients: []Client{{Package: "llms/llamafile", BaseURL: "client.base"}},
	Shape: Shape{
		Paths: map[string]Field{
			"model":            Model,
			"stop":             Done,
			"stop_type":        FinishReason,
			"tokens_evaluated": Input,
			"tokens_predicted": Output,
		},
		// Versions without stop_type. The reasons are those that llama.cpp gives
		// where it speaks OpenAI's protocol.
		TrueReasons: map[string]string{"stopped_eos": "stop", "stopped_word": "stop", "stopped_limit": "length"},
		FinishReasons: map[string]string{
			"none": "", "eos": "stop", "word": "stop", "limit": "length", "stop_limit": "length",
		},
	},
})
