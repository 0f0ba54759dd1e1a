// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spanloom/spanloom/internal/envvars"
)

// setting is one line of what is in force.
type setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"`
	Error  string `json:"error,omitempty"`
	cut    bool
}

func printEnv(args []string, env envvars.Lookup, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("spanloom env", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print JSON")
	if !parsed(flags, args) {
		return 2
	}
	settings := effective(env)
	code := 0
	for _, s := range settings {
		if s.Error != "" {
			code = 1
		}
	}
	if code == 0 {
		// Variables that are good one by one may not go together.
		if err := envvars.Check(env); err != nil {
			code = 1
			fmt.Fprintln(stderr, err)
		}
	}
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(settings); err != nil {
			fmt.Fprintln(stderr, "spanloom:", err)
			return 1
		}
		return code
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SETTING\tVALUE\tFROM")
	for _, s := range settings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Value, s.Source)
	}
	_ = w.Flush()
	for _, s := range settings {
		if s.Error != "" {
			fmt.Fprintln(stderr, s.Error)
		}
	}
	return code
}

// effective lists where both signals go, then every variable that is set or has
// a default.
func effective(env envvars.Lookup) []setting {
	var out []setting
	for _, signal := range []string{"TRACES", "METRICS"} {
		s := destination(env, signal)
		out = append(out, s)
	}
	for _, v := range envvars.All {
		value, _ := env.Get(v.Name)
		s := setting{Name: v.Name, Value: value, Source: "environment"}
		switch {
		case value == "" && v.Default == "":
			continue
		case value == "":
			s.Value, s.Source = v.Default, "default"
		default:
			if err := v.Check(value); err != nil {
				s.Error = "spanloom: " + err.Error()
			}
			s.Value = v.Shown(value)
		}
		out = append(out, s)
	}
	return out
}

// destination says where a signal goes in the end.
func destination(env envvars.Lookup, signal string) setting {
	s := setting{Name: map[string]string{"TRACES": "traces go to", "METRICS": "metrics go to"}[signal]}
	variable := map[string]string{"TRACES": envvars.TracesExporter, "METRICS": envvars.MetricsExporter}[signal]
	if env.Bool(envvars.Disabled, false) {
		s.Value, s.Source = "nowhere", envvars.Disabled
		return s
	}
	if kind, name := env.Get(variable); kind != "" && kind != "otlp" {
		s.Value, s.Source = kind, name
		return s
	}
	t, err := env.Resolve(signal, envvars.Override{})
	if err != nil {
		s.Error, s.Source = err.Error(), t.Source
		return s
	}
	s.Value, s.Source, s.cut = t.URL, t.Source, t.Cut
	if t.GRPC {
		s.Value += " (gRPC)"
	}
	return s
}
