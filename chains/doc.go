// SPDX-License-Identifier: Apache-2.0

// Package chains instruments langchaingo chains, and plain functions.
//
// [Instrument] makes an instrumented copy of a whole tree of chains, down to
// models and retrievers; [Wrap] instruments one chain. The outermost chain is a
// span "invoke_workflow {name}", chains inside it are "execute_task {name}".
// [Workflow] and [Task] do the same for functions of yours, so that ingesting,
// routing and answering stand in one tree.
//
// langchaingo's own Call, Run, Predict and Apply accept instrumented chains.
// The functions of the same names here put errors of memory and of input
// validation on the span, too, which langchaingo raises outside the chain.
package chains
