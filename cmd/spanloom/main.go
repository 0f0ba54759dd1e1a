// SPDX-License-Identifier: Apache-2.0

// Command spanloom looks at the set-up that spanloom.Init would make of the
// environment, and at traces in files.
//
//	spanloom env      prints what would be used, and where each value comes from
//	spanloom doctor   checks it: sends a trace and a metric, and says what became of them
//	spanloom view     shows traces that the Collector's file exporter wrote
//
// Secrets are never printed. The exit code is 0 if all is well, 1 if something
// is wrong with the set-up, 2 for a wrong call.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spanloom/spanloom/internal/envvars"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `usage:
  spanloom env [-json]          print the variables in force, and where traces and metrics go
  spanloom doctor [-timeout d]  send a trace and a metric there, and say what became of them
  spanloom view [-html f] file  show the traces in a file of OTLP's JSON, on the terminal or as a page
`

func run(ctx context.Context, args []string, env envvars.Lookup, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		switch args[0] {
		case "env":
			return printEnv(args[1:], env, stdout, stderr)
		case "doctor":
			return doctor(ctx, args[1:], env, stdout, stderr)
		case "view":
			return view(args[1:], os.Stdin, stdout, stderr)
		case "help", "-h", "-help", "--help":
			fmt.Fprint(stdout, usage)
			return 0
		}
		fmt.Fprintf(stderr, "spanloom: there is no command %q\n", args[0])
	}
	fmt.Fprint(stderr, usage)
	return 2
}

// parsed says on flags' output what is wrong with the arguments.
func parsed(flags *flag.FlagSet, args []string) bool {
	if flags.Parse(args) != nil {
		return false
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(flags.Output(), "%s: %q is more than it takes\n", flags.Name(), flags.Arg(0))
		return false
	}
	return true
}
