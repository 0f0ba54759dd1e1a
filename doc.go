// SPDX-License-Identifier: Apache-2.0

// Package spanloom sets OpenTelemetry up for a langchaingo program, in one line:
//
//	shutdown, err := spanloom.Init(ctx)
//	if err != nil {
//		log.Print(err) // names what is wrong; all else works
//	}
//	defer shutdown(context.Background())
//
// The rest of the library works with any OpenTelemetry set-up; a program that
// has one does not need this package. It is the only package of the library
// that imports the OpenTelemetry SDK and exporters.
package spanloom
