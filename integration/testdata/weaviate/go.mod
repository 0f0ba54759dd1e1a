// The conformance suite against langchaingo's weaviate store, whose modules are too
// heavy for the go.mod above, as ../../snippets/testdata/heavy says.
// No go.sum: TestStoreOnWeaviate copies this folder, and lets go write one there.
module github.com/spanloom/spanloom/integration/testdata/weaviate

go 1.26.0

require (
	github.com/spanloom/spanloom v0.0.0
	github.com/tmc/langchaingo v0.1.14
)
