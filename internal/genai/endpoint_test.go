// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEndpoint(t *testing.T) {
	for _, tc := range []struct {
		reason, in string
		port       int
		host       string
		want       int
	}{
		{"a URL with everything", "postgres://user:secret@db.internal:5433/app?sslmode=disable", 5432, "db.internal", 5433},
		{"the database's own port", "postgres://user:secret@db.internal/app", 5432, "db.internal", 5432},
		{"several hosts are not one", "postgres://user:secret@a:1,b:2/app", 5432, "", 0},
		{"libpq's other form", "host=db.internal port=5433 password=secret", 5432, "db.internal", 5433},
		{"MySQL's family", "root:secret@tcp(127.0.0.1:3307)/vectors?parseTime=true", 3306, "127.0.0.1", 3307},
		{"MySQL without a port", "root:secret@tcp(db)/vectors", 3306, "db", 3306},
		{"a MySQL socket", "root:secret@unix(/tmp/mysql.sock)/vectors", 3306, "", 0},
		{"https", "https://x.search.windows.net", 443, "x.search.windows.net", 443},
		{"https on a server with a port of its own", "https://qdrant.internal", 6333, "qdrant.internal", 443},
		{"http", "http://localhost:6333", 6333, "localhost", 6333},
		{"http without a port", "http://weaviate", 443, "weaviate", 80},
		{"a client of HTTP does not know the database's port", "http://qdrant.internal", 6333, "qdrant.internal", 80},
		{"a bare host", "index-1.svc.pinecone.io", 443, "index-1.svc.pinecone.io", 443},
		{"host and port", "localhost:9035", 443, "localhost", 9035},
		{"IPv6", "redis://[::1]:6380", 6379, "::1", 6380},
		{"nothing", "", 1, "", 0},
		{"nonsense", "://", 1, "", 0},
		{"what could be a password", "user:secret@somewhere", 1, "", 0},
	} {
		host, port := endpoint(tc.in, tc.port)
		assert.Equal(t, tc.host, host, tc.reason)
		if tc.host != "" {
			assert.Equal(t, tc.want, port, tc.reason)
		}
	}
}
