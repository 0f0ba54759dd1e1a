// SPDX-License-Identifier: Apache-2.0

package semconv

// The bucket boundaries that the convention recommends, in the unit of the metric.
var (
	durationBuckets = []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
	tokenBuckets    = []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
	workflowBuckets = []float64{1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200}
	agentBuckets    = []float64{0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6}
	callBuckets     = []float64{1, 2, 4, 8, 16, 32, 64, 128}
	dbBuckets       = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}
)

// stepBuckets are for durations from below a millisecond to an hour. A percentile
// estimated from them is at most half off, since no boundary is much more than 1.5 times
// the one before. With the recommended ones a workflow of 70 ms has a p95 of 0.95 s.
var stepBuckets = []float64{
	0.0005, 0.00075, 0.001, 0.0015, 0.0022, 0.0033, 0.005, 0.0075, 0.01, 0.015, 0.022, 0.033, 0.05, 0.075,
	0.1, 0.15, 0.22, 0.33, 0.5, 0.75, 1, 1.5, 2.2, 3.3, 5, 7.5, 10, 15, 22, 33, 50, 75,
	100, 150, 220, 330, 500, 750, 1000, 1500, 2200, 3600,
}

// scoreBuckets are for similarities. The scores of some stores are others.
var scoreBuckets = []float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}
