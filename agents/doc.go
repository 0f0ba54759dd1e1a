// SPDX-License-Identifier: Apache-2.0

// Package agents instruments langchaingo agents and tools: an executor's run is
// "invoke_agent {name}", and below it are its model calls and one
// "execute_tool {tool}" per tool call.
package agents
