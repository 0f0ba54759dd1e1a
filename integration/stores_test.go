// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/util/cloudsqlutil"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/cloudsql"
	"github.com/tmc/langchaingo/vectorstores/pgvector"

	"github.com/spanloom/spanloom/integration/postgres"
	"github.com/spanloom/spanloom/integration/weaviate"
	"github.com/spanloom/spanloom/internal/storetest"
	"github.com/spanloom/spanloom/internal/testenv"
)

// TestStoresOnPostgres runs the conformance suite against langchaingo's two ways
// to store in Postgres. They could hardly differ more.
func TestStoresOnPostgres(t *testing.T) {
	server := postgres.Start(t)
	// A pool: on one connection, pgvector's calls fail with "conn busy" as soon as
	// two of them meet.
	pool, err := pgxpool.New(t.Context(), server.DSN())
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	var made atomic.Int64
	name := func() string { return fmt.Sprintf("c%d", made.Add(1)) }

	t.Run("pgvector", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T, e embeddings.Embedder) storetest.Target {
			collection := name()
			s, err := pgvector.New(t.Context(), pgvector.WithConn(pool), pgvector.WithEmbedder(e), pgvector.WithCollectionName(collection))
			require.NoError(t, err)
			return storetest.Target{Store: s, Collection: collection, Server: server.Host, Port: server.Port}
		}, storetest.Caps{
			System: "postgresql",
			// Only texts: numbers become "%!s(int=1)" in its SQL and match nothing.
			Filter:       func(key, value string) any { return map[string]any{key: value} },
			Namespaces:   storetest.SearchNamespaces,
			NamedBySpace: true,
			AddRejects: map[string]vectorstores.Option{
				"filter": vectorstores.WithFilters(map[string]any{"a": "b"}), "name space": vectorstores.WithNameSpace("n"),
				"threshold": vectorstores.WithScoreThreshold(0.5),
			},
			SearchRejects: map[string]vectorstores.Option{
				"filter of another type": vectorstores.WithFilters("a = 'b'"), "threshold above 1": vectorstores.WithScoreThreshold(2),
			},
		})
	})

	t.Run("cloudsql", func(t *testing.T) {
		engine, err := cloudsqlutil.NewPostgresEngine(t.Context(), cloudsqlutil.WithPool(pool))
		require.NoError(t, err)
		storetest.Run(t, func(t *testing.T, e embeddings.Embedder) storetest.Target {
			table := name()
			require.NoError(t, engine.InitVectorstoreTable(t.Context(), cloudsqlutil.VectorstoreTableOptions{
				TableName: table, VectorSize: storetest.Dimensions, StoreMetadata: true,
			}))
			s, err := cloudsql.NewVectorStore(engine, e, table)
			require.NoError(t, err)
			return storetest.Target{Store: &s, Collection: table}
		}, storetest.Caps{
			System:         "postgresql",
			Distances:      true,
			FixedLimit:     4,
			NoThreshold:    true,
			NoDeduplicater: true,
			NoCallEmbedder: true,
			Filter: func(key, value string) any {
				return fmt.Sprintf("langchain_metadata->>'%s' = '%s'", key, strings.ReplaceAll(value, "'", "''"))
			},
			SearchRejects: map[string]vectorstores.Option{"no SQL": vectorstores.WithFilters("this is no condition")},
		})
	})
}

// TestStoreOnWeaviate runs the same suite against langchaingo's weaviate store, in a
// module of its own: its go.mod says why.
func TestStoreOnWeaviate(t *testing.T) {
	server := weaviate.Start(t)

	// What build.sh changes in Weaviate's source may be somewhere else in the next version.
	t.Run("loopback only", func(t *testing.T) {
		addrs, err := net.InterfaceAddrs()
		require.NoError(t, err)
		for _, addr := range addrs {
			network, ok := addr.(*net.IPNet)
			if !ok || !network.IP.IsGlobalUnicast() {
				continue
			}
			for _, port := range server.Ports {
				c, err := net.DialTimeout("tcp", net.JoinHostPort(network.IP.String(), strconv.Itoa(port)), time.Second)
				if !assert.Error(t, err, "it listens on %v, port %d", network.IP, port) {
					assert.NoError(t, c.Close())
				}
			}
		}
	})

	args := []string{"-count=1", "-v"}
	if testenv.Race {
		args = append(args, "-race")
	}
	testModule(t, "testdata/weaviate", "storetest-weaviate", []string{"SPANLOOM_WEAVIATE=" + server.Address()}, append(args, "./...")...)
}
