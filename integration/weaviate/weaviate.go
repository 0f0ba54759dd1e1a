// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package weaviate runs a real Weaviate for a test.
package weaviate

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spanloom/spanloom/integration/internal/process"
)

const (
	// It elects itself as the leader of a cluster of one first, which takes 3 s.
	startTimeout = 90 * time.Second
	stopTimeout  = 20 * time.Second
	startTries   = 5
)

// Server is where the Weaviate listens.
type Server struct {
	Host string
	Port int
	// Ports are all that it listens on, Port included.
	Ports []int
}

// Address is host:port of its REST and GraphQL interface, which speaks plain HTTP.
func (s Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

var listening = regexp.MustCompile(`Serving weaviate at http://127\.0\.0\.1:(\d+)`)

// Start runs a Weaviate until the test ends, empty, its data in a folder of the
// test's. Where build.sh could not build one, the test is skipped with its reason.
func Start(t testing.TB) Server {
	t.Helper()
	tools, err := process.Tools()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(tools, "bin", "weaviate-server")
	if _, err := os.Stat(binary); err != nil {
		if reason, e := os.ReadFile(filepath.Join(tools, "weaviate.skipped")); e == nil {
			t.Skipf("no Weaviate was built: %s", bytes.TrimSpace(reason))
		}
		t.Fatalf("no Weaviate: %v; run the integration tests with \"make integration\", which builds it", err)
	}
	for try := 1; ; try++ {
		s, p, err := start(t.TempDir(), binary)
		if err == nil {
			t.Cleanup(func() {
				if err := p.Stop(); err != nil {
					t.Errorf("stop Weaviate: %v", err)
				}
				if t.Failed() {
					t.Logf("Weaviate output:\n%s", &p.Output)
				}
			})
			return s
		}
		if try == startTries || !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
}

func start(dir, binary string) (Server, *process.Process, error) {
	// Only REST can be given port 0 and says which it got.
	addrs, err := process.FreeAddrs(5)
	if err != nil {
		return Server{}, nil, err
	}
	s := Server{Host: "127.0.0.1"}
	port := make([]string, len(addrs))
	for i, addr := range addrs {
		_, port[i], err = net.SplitHostPort(addr)
		if err != nil {
			return Server{}, nil, err
		}
		n, err := strconv.Atoi(port[i])
		if err != nil {
			return Server{}, nil, err
		}
		s.Ports = append(s.Ports, n)
	}

	cmd := exec.Command(binary, "--scheme", "http", "--host", s.Host, "--port", "0")
	cmd.Dir = dir
	// Nothing of the caller's environment: Weaviate obeys more than a hundred variables.
	cmd.Env = []string{
		"PERSISTENCE_DATA_PATH=" + filepath.Join(dir, "data"),
		"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true",
		"DISABLE_TELEMETRY=true", // else it reports to its maker
		"ENABLE_MODULES=", "API_BASED_MODULES_DISABLED=true", "DEFAULT_VECTORIZER_MODULE=none",
		"GO_PROFILING_DISABLE=true", // a server on all interfaces
		// Not CLUSTER_IN_LOCALHOST, which looks for its internal RPC at RAFT_PORT + 1.
		"CLUSTER_HOSTNAME=node",
		"CLUSTER_BIND_ADDR=" + s.Host, "CLUSTER_ADVERTISE_ADDR=" + s.Host,
		"CLUSTER_GOSSIP_BIND_PORT=" + port[0], "CLUSTER_DATA_BIND_PORT=" + port[1],
		"RAFT_PORT=" + port[2], "RAFT_INTERNAL_RPC_PORT=" + port[3], "GRPC_PORT=" + port[4],
		"RAFT_BOOTSTRAP_EXPECT=1", "RAFT_TIMEOUTS_MULTIPLIER=1", // the network is loopback
	}
	p, err := process.Start(cmd, stopTimeout)
	if err != nil {
		return Server{}, nil, fmt.Errorf("start Weaviate: %w", err)
	}
	if err := s.waitReady(p); err != nil {
		p.Kill()
		if strings.Contains(p.Output.String(), "address already in use") {
			err = fmt.Errorf("%w: %w", err, syscall.EADDRINUSE)
		}
		return Server{}, nil, fmt.Errorf("start Weaviate: %w\n%s", err, &p.Output)
	}
	return s, p, nil
}

// waitReady waits for the port, and then for the leader, without whom it refuses to
// make a class.
func (s *Server) waitReady(p *process.Process) error {
	deadline := time.Now().Add(startTimeout)
	if err := p.WaitFor("Serving weaviate at", startTimeout); err != nil {
		return err
	}
	found := listening.FindStringSubmatch(p.Output.String())
	if found == nil {
		return errors.New("it does not say where it listens")
	}
	var err error
	if s.Port, err = strconv.Atoi(found[1]); err != nil {
		return err
	}
	s.Ports = append(s.Ports, s.Port)
	for time.Now().Before(deadline) {
		res, err := http.Get("http://" + s.Address() + "/v1/.well-known/ready")
		if err != nil {
			return err
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("not ready after %v", startTimeout)
}
