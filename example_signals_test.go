// SPDX-License-Identifier: Apache-2.0

//go:build unix

package spanloom_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
)

// A container is stopped by SIGTERM, which ends a program without its deferred
// calls. With signal.NotifyContext the program returns, and shutdown flushes.
func ExampleInit_signals() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	shutdown, err := spanloom.Init(ctx, spanloom.WithoutExport())
	if err != nil {
		log.Print(err) // names what is wrong; all else works
	}
	// A context of its own: ctx has ended when this runs.
	defer func() { fmt.Println("flushed:", shutdown(context.Background())) }()

	// The program.
	handler, err := callbacks.NewHandler()
	if err != nil {
		log.Print(err)
	}
	_, span := handler.Start(ctx, callbacks.KindWorkflow, "answer")
	defer span.End(nil)
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM) // as the container's runtime does
	<-ctx.Done()
	fmt.Println("stopped")
	// Output:
	// stopped
	// flushed: <nil>
}
