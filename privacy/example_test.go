// SPDX-License-Identifier: Apache-2.0

package privacy_test

import (
	"fmt"
	"strings"

	"github.com/spanloom/spanloom/privacy"
)

// A policy of your own: what the library knows of secrets, and the names of a project.
func ExamplePolicy() {
	var policy privacy.Policy = func(name, text string) string {
		return strings.ReplaceAll(privacy.Redact(name, text), "Bluebird", "[PROJECT]")
	}
	fmt.Println(policy("", "Bluebird: ask ada@example.com"))
	fmt.Println(policy("password", "anything"))
	// Output:
	// [PROJECT]: ask [EMAIL]
	// [SECRET]
}

func ExampleRedact() {
	fmt.Println(privacy.Redact("", "Write to ada@example.com, card 4111 1111 1111 1111."))
	fmt.Println(privacy.Redact("client_secret", "open sesame"))
	fmt.Println(privacy.Redact("", `{"user":"ada","password":"open sesame"}`))
	// Output:
	// Write to [EMAIL], card [CREDIT_CARD].
	// [API_KEY]
	// {"user":"ada","password":"[SECRET]"}
}

// Equal texts have equal hashes, so that a repeated prompt can be found.
func ExampleHash() {
	fmt.Println(privacy.Hash("", "hello"))
	fmt.Println(privacy.Hash("", "hello") == privacy.Hash("prompt", "hello"))
	// Output:
	// sha256:2cf24dba5fb0a30e (5)
	// true
}

func ExampleVerbatim() {
	fmt.Println(privacy.Verbatim("password", "open sesame"))
	// Output:
	// open sesame
}

func ExampleNone() {
	fmt.Printf("%q\n", privacy.None("", "hello"))
	fmt.Println(privacy.Policy(privacy.None).Records())
	// Output:
	// ""
	// false
}

// A name is shown whatever the policy is, without e-mail addresses and keys.
func ExampleCleanName() {
	fmt.Println(privacy.CleanName("tickets of ada@example.com"))
	fmt.Println(privacy.CleanName("weather_v2"))
	// Output:
	// tickets of [EMAIL]
	// weather_v2
}

func ExampleRedactName() {
	fmt.Println(privacy.RedactName("docs of ada@example.com"))
	fmt.Println(privacy.RedactName("order 4111111111111111"))
	// Output:
	// docs of [EMAIL]
	// order 4111111111111111
}

func ExampleIsSecretName() {
	for _, name := range []string{"OPENAI_API_KEY", "DB_PASS", "max_tokens"} {
		fmt.Println(name, privacy.IsSecretName(name))
	}
	// Output:
	// OPENAI_API_KEY true
	// DB_PASS true
	// max_tokens false
}

func ExampleIsTokenName() {
	for _, name := range []string{"next_page_token", "max_tokens"} {
		fmt.Println(name, privacy.IsTokenName(name))
	}
	// Output:
	// next_page_token true
	// max_tokens false
}

// In {"name": "password", "value": "…"} the value stands under the name "password".
func ExampleNamedBy() {
	fmt.Println(privacy.NamedBy("name"), privacy.NamedBy("value"))
	// Output:
	// true false
}

// A secret's name covers all below it.
func ExampleUnder() {
	fmt.Println(privacy.Under("", "city"))
	fmt.Println(privacy.Under("address", "city"))
	fmt.Println(privacy.Under("password", "city"))
	// Output:
	// city
	// city
	// password
}
