// SPDX-License-Identifier: Apache-2.0

// Command copied is a program around a copy of examples/docanalysis/pipeline.go.
package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/tmc/langchaingo/llms/fake"

	"github.com/spanloom/spanloom/callbacks"
)

func main() {
	handler, err := callbacks.NewHandler()
	if err != nil {
		log.Fatal(err)
	}
	llm := fake.NewFakeLLM([]string{"Lamps are good.", "positive", "lamp, good"})
	p := NewPipeline(handler, llm, 6000, 1)
	findings, err := p.Analyze(context.Background(), strings.Repeat("I love this lamp. ", 9), "")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(findings.Summary, findings.Sentiment, findings.Keywords)
}
