// SPDX-License-Identifier: Apache-2.0

package contentenv

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func env(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

// The words of a variable are those that its error names.
func TestWordsAreWhatIsAllowed(t *testing.T) {
	for _, v := range []Variable{Content, Capture, Traceloop, Errors} {
		read := Policy
		if v.Name == Errors.Name {
			read = ErrorPolicy
		}
		for word := range strings.FieldsSeq(strings.NewReplacer(",", "", " or ", " ").Replace(v.Allowed)) {
			policy, name, err := read(env(map[string]string{v.Name: " " + word + " "}))
			assert.NoError(t, err)
			assert.Equal(t, v.Name, name)
			assert.NotEmpty(t, policy)
		}
		_, _, err := read(env(map[string]string{v.Name: "bad"}))
		assert.ErrorContains(t, err, v.Name+`="bad": use `+v.Allowed)
	}
}

func TestTheFirstVariableDecides(t *testing.T) {
	policy, name, err := Policy(env(map[string]string{Content.Name: "Hash", Capture.Name: "nonsense", Traceloop.Name: "true"}))
	assert.NoError(t, err)
	assert.Equal(t, []string{Hash, Content.Name}, []string{policy, name})
	policy, name, err = Policy(env(map[string]string{Content.Name: " ", Traceloop.Name: "1"}))
	assert.NoError(t, err)
	assert.Equal(t, []string{Verbatim, Traceloop.Name}, []string{policy, name})
	policy, name, err = Policy(env(nil))
	assert.NoError(t, err)
	assert.Equal(t, []string{None, ""}, []string{policy, name})
}
