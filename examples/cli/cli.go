// SPDX-License-Identifier: Apache-2.0

// Package cli is how the examples end: one line on stderr, and an exit code.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spanloom/spanloom/internal/terminal"
)

// Exit codes: the run failed, or it could not begin because of what the user
// gave it.
const (
	ExitFailed = 1
	ExitUsage  = 2
)

type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Usage marks an error as the user's to mend; its text says what to do.
func Usage(err error) error { return usageError{err} }

// Parse parses the flags. Help that was asked for is printed below the purpose, which
// says what the program does, and is returned as flag.ErrHelp. The flag package's own
// message, with the whole usage beside it, is not printed: one clear line is enough.
func Parse(fs *flag.FlagSet, args []string, stderr io.Writer, purpose string) error {
	fs.SetOutput(io.Discard)
	err := fs.Parse(args)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stderr, "Usage: %s [flags]\n\n%s\n", fs.Name(), purpose)
		fs.SetOutput(stderr)
		fs.PrintDefaults()
		return flag.ErrHelp
	}
	return Usage(fmt.Errorf("%w; -h lists the flags", err))
}

// Exit prints err, if there is one, and returns the exit code. Help that was
// asked for is no error.
func Exit(program string, stderr io.Writer, err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(stderr, "%s: %s\n", program, terminal.Clean(err.Error()))
	if _, ok := errors.AsType[usageError](err); ok {
		return ExitUsage
	}
	return ExitFailed
}

// UntilInterrupt runs a program with a context that ends on an interrupt. It is
// apart from the program, because tests run that in a synctest bubble, where
// signals cannot be waited for.
func UntilInterrupt(program func(context.Context) int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return program(ctx)
}
