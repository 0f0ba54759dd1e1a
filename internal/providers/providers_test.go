// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// One table serves all providers, so none may contradict another. It would win or
// lose by the name of its file.
func TestProvidersAgree(t *testing.T) {
	packages, hosts := map[string]string{}, map[string]string{}
	for _, p := range all {
		assertAgrees(t, p.Name, Known.Info, p.Shape.Info)
		assertAgrees(t, p.Name, Known.Paths, p.Shape.Paths)
		assertAgrees(t, p.Name, Known.Usage, p.Shape.Usage)
		assertAgrees(t, p.Name, Known.TrueReasons, p.Shape.TrueReasons)
		assertAgrees(t, p.Name, Known.FinishReasons, p.Shape.FinishReasons)
		assertAgrees(t, p.Name, Known.ErrorTexts, p.Shape.ErrorTexts)
		for _, c := range p.Clients {
			assert.Empty(t, packages[c.Package], "%s has two providers", c.Package)
			packages[c.Package] = p.Name
		}
		for _, h := range p.Hosts {
			assert.Empty(t, hosts[h], "%s has two providers", h)
			hosts[h] = p.Name
		}
	}
}

func assertAgrees[V comparable](t *testing.T, provider string, known, own map[string]V) {
	t.Helper()
	for key, v := range own {
		assert.Equal(t, known[key], v, "%s contradicts another provider about %s", provider, key)
	}
}

func TestUsagePathsAreNotListedTwice(t *testing.T) {
	for _, object := range Known.UsageObjects {
		for path := range Known.Usage {
			assert.NotContains(t, Known.Paths, object+"."+path)
		}
	}
}

func TestFinishReasonsAreTheConventions(t *testing.T) {
	for spelling, reason := range Known.FinishReasons {
		assert.Contains(t, []string{"", "stop", "length", "tool_call", "content_filter", "error"}, reason, spelling)
	}
	for path, reason := range Known.TrueReasons {
		assert.Equal(t, reason, Known.FinishReasons[reason], path)
	}
}

func TestHeadersAreInLowerCase(t *testing.T) {
	for _, h := range Known.Headers {
		assert.Equal(t, strings.ToLower(h), h)
	}
}

func TestCompatible(t *testing.T) {
	for _, tt := range []struct{ host, apiType, want string }{
		{"api.openai.com", "OPEN_AI", "openai"},
		{"localhost", "OPEN_AI", "openai"},
		{"api.moonshot.ai", "OPEN_AI", "moonshot_ai"},
		{"x.openai.azure.com", "OPEN_AI", "azure.ai.openai"},
		{"gateway", "AZURE_AD", "azure.ai.openai"},
		{"api.x.ai.example.com", "OPEN_AI", "openai"},
	} {
		assert.Equal(t, tt.want, Compatible(tt.host, tt.apiType), tt.host)
	}
}
