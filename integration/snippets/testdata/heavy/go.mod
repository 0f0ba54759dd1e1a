// The stores whose modules are too heavy for the go.mod of the other integration
// tests: together they add more than a hundred lines to it and two minutes to a
// first build. No go.sum: `make integration` copies this folder, and lets go write
// one there.
module github.com/spanloom/spanloom/integration/snippets/heavy

go 1.26.0

require (
	github.com/spanloom/spanloom v0.0.0
	github.com/tmc/langchaingo v0.1.14
	// Milvus' client embeds an etcd server, and the one that it asks for, 3.5.5, does
	// not compile with OpenTelemetry's gRPC instrumentation of today. 3.5.35 does not
	// either.
	go.etcd.io/etcd/server/v3 v3.6.16
)
