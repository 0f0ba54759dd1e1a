// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package postgres runs a real Postgres with pgvector for a test.
package postgres

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/spanloom/spanloom/integration/internal/process"
)

const (
	// Initialising the database takes 3 s, and four times as long on a busy machine.
	startTimeout = 90 * time.Second
	stopTimeout  = 10 * time.Second
)

// Server is where the Postgres listens.
type Server struct {
	Host string
	Port int
}

// DSN is the connection string, made for pgxpool: PGlite is one session behind all
// connections. A statement that one connection prepares is there for the next one,
// too, so that none is prepared by name (describe_exec); and as the unnamed one of two
// connections would be the same, there is only one connection.
func (s Server) DSN() string {
	return fmt.Sprintf("postgres://postgres:postgres@%s:%d/postgres?sslmode=disable&default_query_exec_mode=describe_exec&pool_max_conns=1", s.Host, s.Port)
}

var listening = regexp.MustCompile(`listening on \{"port":(\d+),"host":"([\d.]+)"\}`)

// Start runs a Postgres until the test ends, empty and in memory. Where install.sh
// could not install one, for want of npm, the test is skipped with its reason.
func Start(t testing.TB) Server {
	t.Helper()
	tools, err := process.Tools()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(tools, "postgres", "node_modules", "@electric-sql", "pglite-socket", "dist", "scripts", "server.js")
	if _, err := os.Stat(script); err != nil {
		if reason, e := os.ReadFile(filepath.Join(tools, "postgres.skipped")); e == nil {
			t.Skipf("no Postgres was installed: %s", bytes.TrimSpace(reason))
		}
		t.Fatalf("no Postgres: %v; run the integration tests with \"make integration\", which installs it", err)
	}

	// Port 0: the server says which port it got, and nobody can take it before.
	cmd := exec.Command("node", script, "--host=127.0.0.1", "--port=0",
		"--extensions=@electric-sql/pglite-pgvector:vector")
	cmd.Dir = t.TempDir()
	p, err := process.Start(cmd, stopTimeout)
	if err != nil {
		t.Fatalf("start Postgres: %v", err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Errorf("stop Postgres: %v", err)
		}
		if t.Failed() {
			t.Logf("Postgres output:\n%s", &p.Output)
		}
	})
	if err := p.WaitFor("listening on", startTimeout); err != nil {
		t.Fatalf("start Postgres: %v\n%s", err, &p.Output)
	}
	found := listening.FindStringSubmatch(p.Output.String())
	if found == nil {
		t.Fatalf("Postgres does not say where it listens:\n%s", &p.Output)
	}
	port, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return Server{Host: found[2], Port: port}
}
