// SPDX-License-Identifier: Apache-2.0

// Package traceview shows finished spans to people, without a backend: a tree
// with a bar of time per span, and tables of what models and tasks used.
//
// [Tree] and [Tables] write spans that a program has kept. A [Printer] is a span
// processor that writes each trace when its last span has ended;
// spanloom.WithTree sets one up, and so does SPANLOOM_TREE=1. [Pages] writes each trace
// as an HTML page into a folder, as SPANLOOM_TRACE_HTML=DIR does.
//
// What is shown is what the spans hold: content only where a policy let it
// through. Control characters and overrides of the text direction are left out,
// so that an answer of a model cannot steer the terminal.
package traceview
