// SPDX-License-Identifier: Apache-2.0

package callbacks

import "time"

// Chunk records that a chunk of a streamed answer has come, now. The first gives
// gen_ai.response.time_to_first_chunk and its histogram, each further one a point of the
// time per output chunk. Chunks after End, which some providers send, do not count.
func (s *Span) Chunk() {
	now := time.Now()
	if !s.lock() {
		return
	}
	last := s.lastChunk
	s.lastChunk = max(now.Sub(s.start), 1)
	if last == 0 {
		s.firstChunk = s.lastChunk
	}
	gap, op := s.lastChunk-last, s.operation
	s.mu.Unlock()
	if last != 0 {
		s.h.recorder.RecordChunk(&s.ctx, op, gap, s.metricAttributes()...)
	}
}

// StreamBegan records that the first event of a streamed response has come, now. A
// wrapper of an HTTP client calls it. Its time is that to the first chunk if no
// [Span.Chunk] comes: clients pass on nothing of an answer of tool calls alone.
func (s *Span) StreamBegan() {
	now := time.Now()
	if s.lock() {
		s.ensureRequests().streaming = max(now.Sub(s.start), 1)
		s.mu.Unlock()
	}
}
